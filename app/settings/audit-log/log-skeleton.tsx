import { Skeleton, SkeletonLine } from '#components/skeleton.tsx';
import type { AuditFilter } from '#lib/audit/schema.ts';
import { FilterForm } from './filter-form.tsx';
import { ENTRY_CLASSES } from './log-entry.tsx';

/** Stands in for a page of the audit log. Screen readers and the keyboard skip its search. */
export function LogSkeleton({ filter }: { filter: AuditFilter }) {
  return (
    <Skeleton>
      <div className="mb-4">
        <FilterForm filter={filter} users={[]} tokens={[]} />
      </div>
      <div className="rounded-lg border border-line bg-surface shadow-card">
        <EntrySkeletons entries={10} />
      </div>
    </Skeleton>
  );
}

type EntrySkeletonsProps = { entries: number; isNarrow?: boolean };

/** Draws entries of the audit log, in the layout of `LogEntry`. */
export function EntrySkeletons({ entries, isNarrow = false }: EntrySkeletonsProps) {
  return (
    <div className="divide-y divide-line">
      {Array.from({ length: entries }, (_, entry) => (
        <div key={String(entry)} className={ENTRY_CLASSES[isNarrow ? 'narrow' : 'wide']}>
          <div className="text-sm">
            <SkeletonLine className="w-32" />
            {!isNarrow && (
              <div className="max-sm:hidden">
                <SkeletonLine className="w-36" />
              </div>
            )}
          </div>
          <div className="min-w-0">
            <SkeletonLine className="w-4/5" />
            <div className="mt-0.5 flex min-h-8 items-center text-sm">
              <SkeletonLine className="w-40" />
            </div>
          </div>
        </div>
      ))}
    </div>
  );
}
