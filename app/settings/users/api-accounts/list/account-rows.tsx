'use client';
import { EmailAddress } from '#components/email-address.tsx';
import { LocalTime, RelativeTime } from '#components/local-time.tsx';
import { TableCell, TableRow } from '#components/table.tsx';
import type { SortColumn } from '#lib/api-accounts/list-filter.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { AccountLink, ResetKeyButton } from '../account-buttons.tsx';
import { AccountStatusCell } from './account-status-cell.tsx';
import { CreatedRow } from './created-row.tsx';
import { DeactivateButton } from './deactivate-button.tsx';

/** The columns with a time, of which the list shows one. */
export type TimeColumn = Extract<SortColumn, 'last_used' | 'created' | 'expires'>;

type RowProps = {
  canEdit: boolean;
  /** Whether the rows offer to deactivate the account, instead of resetting its key. */
  canDeactivate: boolean;
  timeColumn: { name: TimeColumn; heading: string };
  now: Date;
};
type AccountRowsProps = RowProps & { accounts: AccountSummary[]; created: AccountSummary | null };

/**
 * Renders the rows of one page, after that of the account that was just created. They are rendered in the browser as a
 * whole, so that the page contains each account's data once, and not again in every button.
 */
export function AccountRows({ accounts, created, ...row }: AccountRowsProps) {
  return (
    <>
      {created && (
        <CreatedRow key={created.id}>
          <AccountCells account={created} isCreated {...row} />
        </CreatedRow>
      )}
      {accounts.map((account) => (
        <TableRow key={account.id}>
          <AccountCells account={account} {...row} />
        </TableRow>
      ))}
    </>
  );
}

type TimeProps = { account: AccountSummary; column: TimeColumn; now: Date };

function AccountTime({ account: { lastUsedAt, createdAt, expiresAt }, column, now }: TimeProps) {
  if (column === 'created') return <LocalTime at={createdAt} format="date" />;
  if (column === 'expires') return expiresAt ? <LocalTime at={expiresAt} format="date" /> : 'Never';
  return lastUsedAt ? <RelativeTime at={lastUsedAt} now={now} /> : 'Never';
}

type AccountCellsProps = RowProps & { account: AccountSummary; isCreated?: boolean };

function AccountCells({
  account,
  isCreated = false,
  canEdit,
  canDeactivate,
  timeColumn,
  now,
}: AccountCellsProps) {
  const nameId = `account-${account.id}`;
  const username = (
    <bdi id={nameId} translate="no">
      {account.username}
    </bdi>
  );
  const email = (
    // A `wbr` would break the only line of a row.
    <EmailAddress domainClass="@max-4xl:inline-block max-w-full">{account.email}</EmailAddress>
  );
  return (
    <>
      <TableCell className="@4xl:truncate @max-4xl:text-lg font-medium @xl:@max-4xl:col-span-2">
        {canEdit ? (
          <AccountLink account={account} title={account.username}>
            {username}
          </AccountLink>
        ) : (
          username
        )}
        {account.displayName && (
          <span title={account.displayName} className="ms-1.5 font-normal text-muted text-sm">
            <bdi translate="no">{account.displayName}</bdi>
          </span>
        )}
      </TableCell>
      <TableCell label="Email address" className="@4xl:truncate">
        {canEdit ? (
          <AccountLink account={account} title={account.email}>
            {email}
          </AccountLink>
        ) : (
          email
        )}
      </TableCell>
      <TableCell label="Phone number" className="@4xl:whitespace-nowrap tabular-nums">
        {account.phone}
      </TableCell>
      <TableCell label="Status">
        <AccountStatusCell account={account} canEdit={canEdit} isCreated={isCreated} />
      </TableCell>
      <TableCell label={timeColumn.heading} className="@4xl:whitespace-nowrap text-muted text-sm">
        <AccountTime account={account} column={timeColumn.name} now={now} />
      </TableCell>
      {canEdit && (
        <TableCell className="@4xl:text-end @max-4xl:pt-1">
          {canDeactivate && !isCreated ? (
            <DeactivateButton account={account} />
          ) : (
            <ResetKeyButton account={account} describedBy={nameId} />
          )}
        </TableCell>
      )}
    </>
  );
}
