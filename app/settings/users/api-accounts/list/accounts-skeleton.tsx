import { Skeleton, SkeletonBox, SkeletonLine } from '#components/skeleton.tsx';
import { SkeletonTableRows } from '#components/skeleton-table.tsx';
import { Table } from '#components/table.tsx';
import { CARD_CLASS } from './accounts-list.tsx';
import type { AccountsQuery } from './accounts-query.ts';
import { buildColumns } from './accounts-table.tsx';
import { SearchForm } from './search-form.tsx';
import { StatusTabs, TabExplanation } from './status-tabs.tsx';

type AccountsSkeletonProps = { query: AccountsQuery; canEdit: boolean };

/** Stands in for a page of the list. Screen readers and the keyboard skip its tabs, search and headings. */
export function AccountsSkeleton({ query, canEdit }: AccountsSkeletonProps) {
  const { filter } = query;
  const { columns, otherOrders } = buildColumns(filter, canEdit);
  const labels = columns.map(({ heading, isHeadingHidden }, index) =>
    index === 0 || isHeadingHidden ? undefined : heading,
  );
  return (
    <Skeleton>
      <StatusTabs filter={filter} counts={null} />
      <TabExplanation status={filter.status} canEdit={canEdit} />
      <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-3">
        <SearchForm filter={filter} />
        <div className="me-auto text-sm">
          <SkeletonLine className="w-16" />
        </div>
        {canEdit && <SkeletonBox />}
      </div>
      <div className={CARD_CLASS}>
        <Table label="API Accounts" columns={columns} otherOrders={otherOrders}>
          <SkeletonTableRows
            rows={10}
            labels={labels}
            contentClass={canEdit ? '@4xl:min-h-8' : '@4xl:min-h-6.25'}
          />
        </Table>
      </div>
    </Skeleton>
  );
}
