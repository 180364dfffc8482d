import type { Column, OtherOrder } from '#components/table.tsx';
import { type AccountFilter, DEFAULT_FILTER, type SortColumn } from '#lib/api-accounts/list-filter.ts';
import { buildAccountsHref } from './accounts-query.ts';

/** The columns with a time, of which the list shows one. */
export type TimeColumn = Extract<SortColumn, 'last_used' | 'created' | 'expires'>;

type ListColumn = Omit<Column, 'sort'> & { sort?: SortColumn };

const COLUMNS: ListColumn[] = [
  { heading: 'Username', widthClass: 'w-[17.5%]', sort: 'username' },
  { heading: 'Email address', widthClass: 'w-[18.5%]', sort: 'email' },
  { heading: 'Phone number', widthClass: 'w-[13.5%]', sort: 'phone' },
  { heading: 'Status', widthClass: 'w-[23%]' },
];
/** Of these, the list shows the one that it is sorted by. */
const TIME_COLUMNS: { name: TimeColumn; heading: string }[] = [
  { name: 'last_used', heading: 'Last used' },
  { name: 'created', heading: 'Created' },
  { name: 'expires', heading: 'Expires' },
];
const SELECT_COLUMN: Column = { heading: 'Select', widthClass: 'w-12', isHeadingHidden: true };
const ACTIONS_COLUMN: Column = { heading: 'Actions', widthClass: 'w-[15.5%]', isHeadingHidden: true };

const LATEST_FIRST: SortColumn[] = ['last_used', 'created'];

/** Returns the order that a column's heading selects: the other one, or the useful one if it is not the sorted column. */
function getNextOrder(sort: SortColumn, filter: AccountFilter): AccountFilter['order'] {
  if (sort === filter.sort) return filter.order === 'asc' ? 'desc' : 'asc';
  return LATEST_FIRST.includes(sort) ? 'desc' : DEFAULT_FILTER.order;
}

function buildSortLink(sort: SortColumn, filter: AccountFilter): OtherOrder['sort'] {
  const href = buildAccountsHref({ filter: { ...filter, sort, order: getNextOrder(sort, filter) } });
  return { href, order: sort === filter.sort ? filter.order : null };
}

/** Returns the column with a time that the list shows. */
export function getTimeColumn({ sort }: AccountFilter) {
  const [lastUsed] = TIME_COLUMNS;
  return TIME_COLUMNS.find(({ name }) => name === sort) ?? (lastUsed as (typeof TIME_COLUMNS)[number]);
}

/** Returns the columns of the list, whose headings sort it, and the orders that no column shows. */
export function buildColumns(
  filter: AccountFilter,
  canEdit: boolean,
): { columns: Column[]; otherOrders: OtherOrder[] } {
  const shown = getTimeColumn(filter);
  const timeColumn: ListColumn = { heading: shown.heading, widthClass: 'w-[12%]', sort: shown.name };
  const columns = [...COLUMNS, timeColumn].map(
    ({ sort, ...column }): Column => (sort ? { ...column, sort: buildSortLink(sort, filter) } : column),
  );
  const otherOrders = TIME_COLUMNS.filter(({ name }) => name !== shown.name).map(({ name, heading }) => ({
    heading,
    sort: buildSortLink(name, filter),
  }));
  return { columns: canEdit ? [SELECT_COLUMN, ...columns, ACTIONS_COLUMN] : columns, otherOrders };
}
