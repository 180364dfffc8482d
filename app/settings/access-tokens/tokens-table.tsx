import { LocalTime, RelativeTime } from '#components/local-time.tsx';
import { Skeleton } from '#components/skeleton.tsx';
import { SkeletonTableRows } from '#components/skeleton-table.tsx';
import { StatusBadge } from '#components/status-badge.tsx';
import { type Column, Table, TableCell, TableRow } from '#components/table.tsx';
import type { AccessTokenDetails } from '#lib/access-tokens/schema.ts';
import { ActionTime } from '../action-time.tsx';
import { TOKEN_SCOPE_LABELS } from './scope-labels.ts';
import { RevokeTokenButton } from './token-dialogs.tsx';

const CARD_CLASS = 'rounded-lg border border-line bg-surface shadow-card';

const NAME_COLUMN: Column = { heading: 'Name', widthClass: 'w-[28%]' };
const COLUMNS: Column[] = [
  NAME_COLUMN,
  { heading: 'Created', widthClass: 'w-[18%]' },
  { heading: 'Last used', widthClass: 'w-[19%]' },
  { heading: 'Expires', widthClass: 'w-[20%]' },
];
const ACTIONS_COLUMN: Column = { heading: 'Actions', widthClass: 'w-[15%]', isHeadingHidden: true };
const ENDED_COLUMNS: Column[] = [
  NAME_COLUMN,
  { heading: 'Created', widthClass: 'w-[22%]' },
  { heading: 'Last used', widthClass: 'w-[22%]' },
  { heading: 'Ended', widthClass: 'w-[28%]' },
];

const getColumns = (canEdit: boolean) => (canEdit ? [...COLUMNS, ACTIONS_COLUMN] : COLUMNS);

/** A token that expires within as many days is marked. Administrators are reminded from then on. */
const SOON_MS = 14 * 24 * 60 * 60 * 1_000;

/** Stands in for the list of access tokens. */
export function TokensSkeleton({ canEdit }: { canEdit: boolean }) {
  const columns = getColumns(canEdit);
  const labels = columns.map(({ heading, isHeadingHidden }, index) =>
    index === 0 || isHeadingHidden ? undefined : heading,
  );
  return (
    <Skeleton className={CARD_CLASS}>
      <Table label="Access tokens" columns={columns}>
        <SkeletonTableRows rows={3} labels={labels} />
      </Table>
    </Skeleton>
  );
}

type TokensTableProps = { tokens: AccessTokenDetails[]; now: Date; canEdit: boolean };

/** Lists the access tokens that work. */
export function TokensTable({ tokens, now, canEdit }: TokensTableProps) {
  return (
    <section aria-label="Access tokens" className={CARD_CLASS}>
      <Table label="Access tokens" columns={getColumns(canEdit)}>
        {tokens.map((token) => (
          <TableRow key={token.id}>
            <NameCell token={token} />
            <CreatedCell token={token} />
            <LastUsedCell token={token} now={now} />
            <TableCell label="Expires" className="text-muted">
              <div className="grid min-w-0 gap-1">
                <LocalTime at={token.expiresAt} format="date" />
                {token.expiresAt.getTime() - now.getTime() < SOON_MS && (
                  <StatusBadge tone="warning">Expires soon</StatusBadge>
                )}
              </div>
            </TableCell>
            {canEdit && (
              <TableCell>
                <RevokeTokenButton token={token} describedBy={`token-${token.id}`} />
              </TableCell>
            )}
          </TableRow>
        ))}
      </Table>
    </section>
  );
}

/** Lists the access tokens that were revoked or have expired. */
export function EndedTokens({ tokens, now }: Omit<TokensTableProps, 'canEdit'>) {
  return (
    <section aria-labelledby="ended-tokens" className={CARD_CLASS}>
      <div className="border-line border-b px-5 pt-5 pb-3">
        <h2 id="ended-tokens" className="font-semibold text-xl tracking-tight">
          Revoked and expired tokens
        </h2>
        <p className="mt-0.5 text-muted">
          These no longer work. They stay here because the audit log names them.
        </p>
      </div>
      <Table label="Revoked and expired tokens" columns={ENDED_COLUMNS}>
        {tokens.map((token) => (
          <TableRow key={token.id}>
            <NameCell token={token} />
            <CreatedCell token={token} />
            <LastUsedCell token={token} now={now} />
            <TableCell label="Ended" className="text-muted">
              {token.revokedAt ? (
                <RevocationTime at={token.revokedAt} by={token.revokedBy} hasLeaked={token.hasLeaked} />
              ) : (
                <div className="min-w-0">
                  <span>Expired </span>
                  <LocalTime at={token.expiresAt} format="date" />
                </div>
              )}
            </TableCell>
          </TableRow>
        ))}
      </Table>
    </section>
  );
}

/** Shows the name of a token, and what it can do. */
function NameCell({ token: { id, name, scopes } }: { token: AccessTokenDetails }) {
  return (
    <TableCell>
      <bdi translate="no" id={`token-${id}`} className="wrap-anywhere font-semibold">
        {name}
      </bdi>
      <ul aria-label="Scopes" className="mt-0.5 text-muted text-sm">
        {scopes.map((scope) => (
          <li key={scope}>{TOKEN_SCOPE_LABELS[scope].label}</li>
        ))}
      </ul>
    </TableCell>
  );
}

function CreatedCell({ token: { createdAt, createdBy } }: { token: AccessTokenDetails }) {
  return (
    <TableCell label="Created" className="text-muted">
      <ActionTime at={createdAt} by={createdBy} />
    </TableCell>
  );
}

type RevocationTimeProps = { at: Date; by: string | null; hasLeaked: boolean };

function RevocationTime({ at, by, hasLeaked }: RevocationTimeProps) {
  if (!hasLeaked) return <ActionTime verb="Revoked" at={at} by={by} />;
  return (
    <div className="grid min-w-0 justify-items-start gap-1">
      <p>
        <span>Revoked </span>
        <LocalTime at={at} format="date" />
      </p>
      <StatusBadge tone="danger">Leaked</StatusBadge>
    </div>
  );
}

type LastUsedCellProps = { token: AccessTokenDetails; now: Date };

function LastUsedCell({ token: { lastUsedAt, lastIpAddress }, now }: LastUsedCellProps) {
  return (
    <TableCell label="Last used" className="text-muted">
      {lastUsedAt ? (
        <div className="min-w-0">
          <RelativeTime at={lastUsedAt} now={now} />
          {lastIpAddress && <p className="wrap-anywhere text-sm">{`from ${lastIpAddress}`}</p>}
        </div>
      ) : (
        'Never'
      )}
    </TableCell>
  );
}

/** Explains what access tokens are for, while none works. */
export function NoTokens({ canEdit }: { canEdit: boolean }) {
  return (
    <div className={`${CARD_CLASS} px-5 py-12 text-center`}>
      <h2 className="font-semibold text-xl tracking-tight">You have no access tokens</h2>
      <p className="mx-auto mt-1 max-w-md text-balance text-muted">
        {canEdit
          ? 'Create one for each program that manages API accounts, such as an onboarding script, so that you can revoke it alone.'
          : 'Programs need one to manage API accounts.'}
      </p>
    </div>
  );
}
