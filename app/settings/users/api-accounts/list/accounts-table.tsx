import { EmailAddress } from '#components/email-address.tsx';
import { RelativeTime } from '#components/local-time.tsx';
import { type Column, Table, TableCell, TableRow } from '#components/table.tsx';
import { type AccountFilter, DEFAULT_FILTER, type SortColumn } from '#lib/api-accounts/list-filter.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { AccountLink, ResetKeyButton } from '../account-buttons.tsx';
import { AccountStatusCell } from './account-status-cell.tsx';
import { type AccountsQuery, buildAccountsHref } from './accounts-query.ts';
import { CreatedRow } from './created-row.tsx';
import { DeactivateButton } from './deactivate-button.tsx';

type ListColumn = Omit<Column, 'sort'> & { sort?: SortColumn };

const COLUMNS: ListColumn[] = [
  { heading: 'Username', widthClass: 'w-[17.5%]', sort: 'username' },
  { heading: 'Email address', widthClass: 'w-[18.5%]', sort: 'email' },
  { heading: 'Phone number', widthClass: 'w-[13.5%]', sort: 'phone' },
  { heading: 'Status', widthClass: 'w-[23%]' },
  { heading: 'Last used', widthClass: 'w-[12%]', sort: 'last_used' },
];
const ACTIONS_COLUMN: Column = { heading: 'Actions', widthClass: 'w-[15.5%]', isHeadingHidden: true };

/** Returns the order that a column's heading selects: the other one, or the useful one if it is not the sorted column. */
function getNextOrder(sort: SortColumn, filter: AccountFilter): AccountFilter['order'] {
  if (sort === filter.sort) return filter.order === 'asc' ? 'desc' : 'asc';
  return sort === 'last_used' ? 'desc' : DEFAULT_FILTER.order;
}

function addSortLink({ sort, ...column }: ListColumn, filter: AccountFilter): Column {
  if (!sort) return column;
  const href = buildAccountsHref({ filter: { ...filter, sort, order: getNextOrder(sort, filter) } });
  return { ...column, sort: { href, order: sort === filter.sort ? filter.order : null } };
}

type RowProps = {
  canEdit: boolean;
  /** Whether the rows offer to deactivate the account, instead of resetting its key. */
  canDeactivate: boolean;
  now: Date;
};
type AccountsTableProps = Omit<RowProps, 'canDeactivate'> & {
  accounts: AccountSummary[];
  created: AccountSummary | null;
  query: AccountsQuery;
};

/** Returns the columns of the list, whose headings sort it. */
export function buildColumns(filter: AccountFilter, canEdit: boolean): Column[] {
  const columns = COLUMNS.map((column) => addSortLink(column, filter));
  return canEdit ? [...columns, ACTIONS_COLUMN] : columns;
}

/** Lists the accounts of one page, after the one that was just created; only an administrator gets links and buttons. */
export function AccountsTable({ accounts, created, query, ...rest }: AccountsTableProps) {
  const row = { ...rest, canDeactivate: query.filter.status === 'unused' };
  return (
    <Table label="API Accounts" columns={buildColumns(query.filter, row.canEdit)}>
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
    </Table>
  );
}

type AccountCellsProps = RowProps & { account: AccountSummary; isCreated?: boolean };

function AccountCells({ account, isCreated = false, canEdit, canDeactivate, now }: AccountCellsProps) {
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
      <TableCell label="Last used" className="@4xl:whitespace-nowrap text-muted text-sm">
        {account.lastUsedAt ? <RelativeTime at={account.lastUsedAt} now={now} /> : 'Never'}
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
