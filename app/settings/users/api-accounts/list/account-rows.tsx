'use client';
import { EmailAddress } from '#components/email-address.tsx';
import { LocalTime, RelativeTime } from '#components/local-time.tsx';
import { TableCell, TableRow } from '#components/table.tsx';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { AccountLink, ResetKeyButton } from '../account-buttons.tsx';
import { AccountStatusCell } from './account-status-cell.tsx';
import { CreatedRow } from './created-row.tsx';
import { DeactivateButton } from './deactivate-button.tsx';
import type { TimeColumn } from './list-columns.ts';
import { buildNameId } from './name-id.ts';
import { SelectAccount } from './select-account.tsx';

type RowProps = {
  canEdit: boolean;
  /** Whether the rows offer to deactivate the account, instead of resetting its key. */
  canDeactivate: boolean;
  timeColumn: { name: TimeColumn; heading: string };
  now: Date;
};
type AccountRowsProps = RowProps & { accounts: AccountSummary[]; created: AccountSummary | null };

/** Renders the rows of one page, after that of the account that was just created. */
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
  const nameId = buildNameId(account.id);
  const username = (
    <bdi id={nameId} translate="no">
      {account.username}
    </bdi>
  );
  const email = (
    // A `wbr` would break the only line of a row.
    <EmailAddress domainClass="email-domain">{account.email}</EmailAddress>
  );
  return (
    <>
      {canEdit && (
        <TableCell label="Select">
          <SelectAccount id={account.id} username={account.username} />
        </TableCell>
      )}
      <TableCell className="cell-title">
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
      <TableCell label="Email address" className="cell-line">
        {canEdit ? (
          <AccountLink account={account} title={account.email}>
            {email}
          </AccountLink>
        ) : (
          email
        )}
      </TableCell>
      <TableCell label="Phone number" className="cell-line tabular-nums">
        {account.phone}
      </TableCell>
      <TableCell label="Status">
        <AccountStatusCell account={account} canEdit={canEdit} isCreated={isCreated} />
      </TableCell>
      <TableCell label={timeColumn.heading} className="cell-line text-muted text-sm">
        <AccountTime account={account} column={timeColumn.name} now={now} />
      </TableCell>
      {canEdit && (
        <TableCell className="cell-actions">
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
