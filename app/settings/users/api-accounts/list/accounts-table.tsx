import { EmailAddress } from '#components/email-address.tsx';
import { RelativeTime } from '#components/local-time.tsx';
import { type Column, Table, TableCell, TableRow } from '#components/table.tsx';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { EditLink, ResetKeyButton } from '../account-buttons.tsx';
import { AccountStatusCell } from './account-status-cell.tsx';
import { type AccountsQuery, buildAccountsHref } from './accounts-query.ts';

const COLUMNS: Column[] = [
  { heading: 'Username', widthClass: 'w-[18%]' },
  { heading: 'Email address', widthClass: 'w-[24.5%]' },
  { heading: 'Phone number', widthClass: 'w-[13.5%]' },
  { heading: 'Status', widthClass: 'w-[19%]' },
  { heading: 'Last used', widthClass: 'w-[11.5%]' },
];
const ACTIONS_COLUMN: Column = { heading: 'Actions', widthClass: 'w-[13.5%]', isHeadingHidden: true };

type AccountsTableProps = { accounts: AccountSummary[]; query: AccountsQuery; canEdit: boolean; now: Date };

/** Lists the accounts of one page; only an administrator gets links and buttons. */
export function AccountsTable({ accounts, query, canEdit, now }: AccountsTableProps) {
  return (
    <Table label="API Accounts" columns={canEdit ? [...COLUMNS, ACTIONS_COLUMN] : COLUMNS}>
      {accounts.map((account) => (
        <AccountRow key={account.id} account={account} query={query} canEdit={canEdit} now={now} />
      ))}
    </Table>
  );
}

type AccountRowProps = Omit<AccountsTableProps, 'accounts'> & { account: AccountSummary };

function AccountRow({ account, query, canEdit, now }: AccountRowProps) {
  const nameId = `account-${account.id}`;
  return (
    <TableRow>
      <TableCell className="@max-4xl:text-lg font-semibold @xl:@max-4xl:col-span-2">
        <bdi id={nameId} translate="no">
          {account.username}
        </bdi>
      </TableCell>
      <TableCell label="Email address">
        {canEdit ? (
          <EditLink account={account} href={buildAccountsHref({ ...query, edit: account.id })} />
        ) : (
          <EmailAddress>{account.email}</EmailAddress>
        )}
      </TableCell>
      <TableCell label="Phone number" className="tabular-nums">
        {account.phone}
      </TableCell>
      <TableCell label="Status">
        <AccountStatusCell account={account} canEdit={canEdit} />
      </TableCell>
      <TableCell label="Last used" className="@4xl:whitespace-nowrap text-muted">
        {account.lastUsedAt ? <RelativeTime at={account.lastUsedAt} now={now} /> : 'Never'}
      </TableCell>
      {canEdit && (
        <TableCell className="@4xl:text-end @max-4xl:pt-1">
          <ResetKeyButton account={account} describedBy={nameId} />
        </TableCell>
      )}
    </TableRow>
  );
}
