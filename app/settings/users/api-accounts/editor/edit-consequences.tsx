import { Notice } from '#components/notice.tsx';
import { parseLimit } from '#lib/api-accounts/limits.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { type Editable, isSameValue } from './edit-conflict.ts';
import { formatLimit } from './limit-labels.ts';

type EditConsequencesProps = { account: AccountSummary; typed: Editable; defaultLimit: number | null };

/** Announces what saving would change. */
export function EditConsequences({ account, typed, defaultLimit }: EditConsequencesProps) {
  const hasNewContact = !isSameValue('email', typed, account) || !isSameValue('phone', typed, account);
  const limit = parseLimit(typed.requestsPerMinute);
  const hasNewLimit = limit !== undefined && limit !== account.requestsPerMinute;
  return (
    <div role="status" className="grid gap-3 not-empty:mt-4">
      {hasNewContact && account.isRevealOpen && (
        <Notice tone="warning" title="Saving replaces the link and the code that were sent">
          <p>
            The present link and code stop working. A new link goes to <Address>{typed.email}</Address> and a
            new code to <Address>{typed.phone}</Address>.
          </p>
          <p>
            <Address>{account.email}</Address> is told of the change.
          </p>
        </Notice>
      )}
      {hasNewContact && !account.isRevealOpen && (
        <Notice tone="info">
          <p>
            The API key stays as it is; the next reset goes to the new addresses.{' '}
            <Address>{account.email}</Address> is told of the change now.
          </p>
        </Notice>
      )}
      {account.active && !typed.active && (
        <Notice tone="warning" title="The API key is refused from the moment you save">
          <p>Tick the box again later and the same key works again. No message is sent either time.</p>
        </Notice>
      )}
      {!account.active && typed.active && (
        <Notice tone="info">
          <p>From the moment you save, the account’s API key works again. No message is sent.</p>
        </Notice>
      )}
      {hasNewLimit && (
        <Notice tone="info">
          <p>{`From the moment you save, ${formatLimit(limit, defaultLimit)}.`}</p>
        </Notice>
      )}
    </div>
  );
}

function Address({ children }: { children: string }) {
  return (
    <bdi translate="no" className="break-words font-medium">
      {children.trim() || '…'}
    </bdi>
  );
}
