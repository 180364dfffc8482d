import Link from 'next/link';
import { buttonClass } from '#components/button-class.ts';
import { Pager } from '#components/pager.tsx';
import { listActiveFilters } from '#lib/audit/filter.ts';
import type { AuditPage } from '#lib/audit/list.ts';
import type { AuditFilter } from '#lib/audit/schema.ts';
import { AUDIT_LOG_PATH, buildAuditHref, CLEAR_FILTERS_LABEL } from './audit-query.ts';
import { LogEntry } from './log-entry.tsx';

/** Lists the entries of a page, or explains why there are none. */
export function LogList({ page, filter }: { page: AuditPage; filter: AuditFilter }) {
  const { newer, older } = page;
  const now = new Date();
  return (
    <>
      <section aria-label="Audit log" className="rounded-lg border border-line bg-surface shadow-card">
        {page.entries.length === 0 ? (
          <NothingFound isFiltered={listActiveFilters(filter).length > 0} />
        ) : (
          <ol className="divide-y divide-line">
            {page.entries.map((entry) => (
              <LogEntry key={entry.id} entry={entry} now={now} />
            ))}
          </ol>
        )}
      </section>
      <Pager
        previous={{ label: 'Newer', href: newer && buildAuditHref(filter, { before: newer }) }}
        next={{ label: 'Older', href: older && buildAuditHref(filter, { after: older }) }}
        className="mt-4 justify-end"
      />
    </>
  );
}

function NothingFound({ isFiltered }: { isFiltered: boolean }) {
  return (
    <div className="flex flex-col items-center px-5 py-14 text-center">
      <h2 className="font-semibold text-xl tracking-tight">
        {isFiltered ? 'No entries match' : 'This page is empty'}
      </h2>
      <p className="mt-1 max-w-md text-balance text-muted">
        {isFiltered
          ? 'Search looks in usernames, names and email addresses, and at the start of IP addresses.'
          : 'Go back to the newest entries.'}
      </p>
      <Link href={AUDIT_LOG_PATH} className={buttonClass('secondary', 'md', 'mt-6')}>
        {isFiltered ? CLEAR_FILTERS_LABEL : 'Show newest entries'}
      </Link>
    </div>
  );
}
