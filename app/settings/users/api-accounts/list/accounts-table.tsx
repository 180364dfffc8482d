'use client';
import { Table } from '#components/table.tsx';
import type { AccountFilter } from '#lib/api-accounts/list-filter.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { AccountRows } from './account-rows.tsx';
import { buildColumns, getTimeColumn } from './list-columns.ts';
import { StatusIconDrawings } from './status-icons.tsx';
import { type Columns, toRows } from './to-columns.ts';

type AccountsTableProps = {
  accounts: Columns<AccountSummary>;
  created: AccountSummary | null;
  filter: AccountFilter;
  canEdit: boolean;
  now: Date;
};

/**
 * Lists the accounts of one page, after the one that was just created; only an administrator gets links and buttons.
 * It is rendered in the browser as a whole, so that the page contains each account's data once, and not again in every
 * link and button.
 */
export function AccountsTable({ accounts: columns, filter, ...rows }: AccountsTableProps) {
  const accounts = toRows(columns);
  const shown = rows.created ? [rows.created, ...accounts] : accounts;
  return (
    <>
      <StatusIconDrawings statuses={shown.map(({ status }) => status)} />
      <Table label="API Accounts" {...buildColumns(filter, rows.canEdit)}>
        <AccountRows
          {...rows}
          accounts={accounts}
          canDeactivate={filter.status === 'unused'}
          timeColumn={getTimeColumn(filter)}
        />
      </Table>
    </>
  );
}
