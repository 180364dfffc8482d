'use client';
import { Skeleton, SkeletonBox, SkeletonLine } from '#components/skeleton.tsx';
import { SkeletonTableRows } from '#components/skeleton-table.tsx';
import { Table } from '#components/table.tsx';
import type { AccountFilter } from '#lib/api-accounts/list-filter.ts';
import { CARD_CLASS } from './card-class.ts';
import { buildColumns } from './list-columns.ts';
import { SearchForm } from './search-form.tsx';
import { StatusTabs, TabExplanation } from './status-tabs.tsx';

type AccountsSkeletonProps = { filter: AccountFilter; canEdit: boolean };

/**
 * Stands in for a page of the list. Screen readers and the keyboard skip its tabs, search and headings. It is rendered in the
 * browser, because the server would send it twice.
 */
export function AccountsSkeleton({ filter, canEdit }: AccountsSkeletonProps) {
  const { columns, otherOrders } = buildColumns(filter, canEdit);
  const labels = columns.map(({ heading, isHeadingHidden }) =>
    heading === 'Username' || isHeadingHidden ? undefined : heading,
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
      {canEdit && <div className="mb-3 min-h-9" />}
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
