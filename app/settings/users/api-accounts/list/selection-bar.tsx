'use client';
import { useEffect, useState } from 'react';
import { Button } from '#components/button.tsx';
import { formatCount } from '#components/format.ts';
import { LazyDialog, loadOnce, preloadOnIntent } from '#components/lazy-dialog.tsx';
import type { AccountFilter } from '#lib/api-accounts/list-filter.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { MAX_SELECTED } from '#lib/bulk-jobs/limits.ts';
import { ExportSelection } from './export-selection.tsx';
import { clearSelection, keepSelectionOf, selectAll, toggleAccounts, useSelection } from './selection.ts';
import { type Columns, toRows } from './to-columns.ts';

const loadBulkChangeDialog = loadOnce(
  async () => (await import('../../../jobs/bulk-change-dialog.tsx')).BulkChangeDialog,
);

type SelectionBarProps = {
  filter: AccountFilter;
  /** The accounts on this page: the same object as the table's, so that the page contains it once. */
  accounts: Columns<AccountSummary>;
  created: AccountSummary | null;
  /** How many accounts match the filter, such as "1,204" or "about 1,200,000". */
  total: string;
  hasOtherPages: boolean;
};

/** Selects the accounts of a page or all that match, and offers what can be done with them. */
export function SelectionBar({ filter, accounts, created, total, hasOtherPages }: SelectionBarProps) {
  const { ids, isAll } = useSelection();
  const [isOpen, setIsOpen] = useState(false);
  const { search, status } = filter;
  useEffect(() => keepSelectionOf({ search, status }), [search, status]);
  const pageIds = [...(created ? [created] : []), ...toRows(accounts)].map(({ id }) => id);
  const isPageSelected = isAll || pageIds.every((id) => ids.has(id));
  const isAnySelected = isAll || ids.size > 0;
  const isTooMany = ids.size > MAX_SELECTED;
  const close = () => setIsOpen(false);
  const selection = isAll ? { filter: { search, status } } : { ids: [...ids] };

  return (
    <div className="mb-3 flex min-h-9 flex-wrap items-center gap-x-4 gap-y-2">
      <label className="flex min-h-8 items-center gap-2.5 text-sm">
        <input
          type="checkbox"
          checked={isPageSelected}
          disabled={isAll}
          onChange={(event) => toggleAccounts(pageIds, event.currentTarget.checked)}
          className="size-5 accent-primary"
        />
        <span>Select all on this page</span>
      </label>
      <p role="status" className="text-sm tabular-nums empty:hidden">
        {isAll
          ? `All that match selected (${total})`
          : ids.size > 0
            ? `${formatCount(ids.size)} selected`
            : ''}
      </p>
      {isPageSelected && !isAll && hasOtherPages && (
        <Button size="sm" onClick={selectAll}>
          {`Select all that match (${total})`}
        </Button>
      )}
      {isAnySelected && (
        <>
          <Button
            size="sm"
            variant="primary"
            unavailable={isTooMany}
            aria-describedby={isTooMany ? 'too-many-selected' : undefined}
            onClick={() => setIsOpen(true)}
            {...preloadOnIntent(loadBulkChangeDialog)}
          >
            Change selected…
          </Button>
          {!isAll && !isTooMany && <ExportSelection ids={[...ids]} />}
          <Button size="sm" variant="quiet" onClick={clearSelection}>
            Clear selection
          </Button>
        </>
      )}
      {isTooMany && (
        <p id="too-many-selected" className="basis-full text-danger text-sm">
          {`Select up to ${formatCount(MAX_SELECTED)} accounts one by one, or all that match.`}
        </p>
      )}
      <LazyDialog
        load={loadBulkChangeDialog}
        isOpen={isOpen}
        onCancel={close}
        props={{ open: isOpen, selection, onClose: close }}
      />
    </div>
  );
}
