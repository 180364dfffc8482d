import { formatCount } from '#components/format.ts';
import { Notice } from '#components/notice.tsx';
import type { ScopeUse } from '#lib/api-accounts/scopes/schema.ts';

/** Describes how many accounts lose the scope; their names follow. */
function describeLoss(accounts: number): string {
  if (accounts === 0) return 'No account has it, apart from those with full access.';
  return accounts === 1
    ? 'One account loses it immediately:'
    : `${formatCount(accounts)} accounts lose it immediately:`;
}

/** Describes what is left for accounts that have no other scope. */
function describeOnlyScope({ accounts, onlyScope }: ScopeUse): string {
  if (accounts === 1)
    return 'It’s the only scope of this account. The account doesn’t get full access: it has no scope then, and is refused wherever one is required.';
  const of = onlyScope === accounts ? 'all' : formatCount(onlyScope);
  return `It’s the only scope of ${of} of them. They don’t get full access: they have no scope then, and are refused wherever one is required.`;
}

/** Lists what retiring a scope does, in the dialog that asks for confirmation. */
export function RetirementEffects({ use }: { use: ScopeUse }) {
  const { accounts, onlyScope, usernames } = use;
  const others = accounts - usernames.length;
  return (
    <Notice tone="warning" title="You can’t undo this">
      <ul className="grid list-disc gap-1 ps-4">
        <li>
          <p>{describeLoss(accounts)}</p>
          {accounts > 0 && (
            <ul aria-label="Accounts that lose the scope" className="mt-0.5 list-disc ps-4">
              {usernames.map((username) => (
                <li key={username} className="break-words">
                  <bdi translate="no">{username}</bdi>
                </li>
              ))}
              {others > 0 && <li>{`and ${formatCount(others)} more`}</li>}
            </ul>
          )}
        </li>
        {onlyScope > 0 && <li>{describeOnlyScope(use)}</li>}
        <li>
          From then on, requests that require it are refused for every account without full access. If those
          paths should stay open, change your gateway first.
        </li>
        <li>Its name can’t be used again.</li>
      </ul>
    </Notice>
  );
}
