import { Download } from 'lucide-react';
import Link from 'next/link';
import { buttonClass } from '#components/button-class.ts';
import { formatCount } from '#components/format.ts';
import { Pager } from '#components/pager.tsx';
import { StatusBadge } from '#components/status-badge.tsx';
import { type Column, Table, TableCell, TableRow } from '#components/table.tsx';
import type { BulkJobItemView, BulkJobView, ItemView } from '#lib/bulk-jobs/schema.ts';
import { buildAccountHref } from '../users/api-accounts/editor/account-href.ts';
import { buildJobHref, buildResultsHref, getItemStatus } from './job-labels.ts';

const COLUMNS: Column[] = [
  { heading: 'API account', widthClass: 'w-[30%]' },
  { heading: 'Result', widthClass: 'w-[18%]' },
  { heading: 'Details', widthClass: 'w-[52%]' },
];

const VIEW_LABELS: Record<ItemView, string> = { all: 'All', problems: 'Problems' };

type JobResultsProps = {
  job: BulkJobView;
  items: BulkJobItemView[];
  next: number | null;
  view: ItemView;
  after: number;
};

/** Lists the result of each account of a job, and links to them as files. */
export function JobResults({ job, items, next, view, after }: JobResultsProps) {
  return (
    <section aria-labelledby="results">
      <div className="mb-4 flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <h2 id="results" className="font-semibold text-xl tracking-tight">
          Results
        </h2>
        <ExportLinks id={job.id} />
      </div>
      <ViewTabs job={job} view={view} />
      <div className="rounded-lg border border-line bg-surface shadow-card">
        {items.length === 0 ? (
          <p className="px-5 py-10 text-center text-muted">
            {view === 'problems' ? 'No problems.' : 'No more results.'}
          </p>
        ) : (
          <Table label="Results" columns={COLUMNS}>
            {items.map((item) => (
              <ItemRow key={item.position} item={item} job={job} />
            ))}
          </Table>
        )}
      </div>
      <Pager
        previous={{ label: 'First', href: after > 0 ? buildJobHref(job.id, { view }) : null }}
        next={{ label: 'Next', href: next === null ? null : buildJobHref(job.id, { view, after: next }) }}
        className="mt-4 justify-end"
      />
    </section>
  );
}

function ExportLinks({ id }: { id: string }) {
  const links: { view: ItemView; label: string }[] = [
    { view: 'all', label: 'Export results' },
    { view: 'problems', label: 'Export problems' },
  ];
  return (
    <div className="flex flex-wrap gap-2">
      {links.map(({ view, label }) => (
        <a key={view} href={buildResultsHref(id, view)} download className={buttonClass('secondary')}>
          <Download aria-hidden="true" />
          {label}
        </a>
      ))}
    </div>
  );
}

function ViewTabs({ job: { id, total, counts }, view }: Pick<JobResultsProps, 'job' | 'view'>) {
  const numbers: Record<ItemView, string | null> = {
    all: formatCount(total),
    // Items that were done may have a note, too, so the number of problems is not known.
    problems: counts.failed + counts.invalid > 0 ? formatCount(counts.failed + counts.invalid) : null,
  };
  return (
    <nav aria-label="Filter the results" className="mb-4">
      <ul className="flex gap-x-1 border-line border-b">
        {(['all', 'problems'] as const).map((each) => (
          <li key={each}>
            <Link
              href={buildJobHref(id, { view: each })}
              prefetch={false}
              aria-current={each === view ? 'page' : undefined}
              className="-mb-px flex min-h-10 items-center gap-2 border-transparent border-b-2 px-3 font-medium text-muted hover:text-ink aria-[current=page]:border-ring aria-[current=page]:text-ink"
            >
              <span>{VIEW_LABELS[each]}</span>
              {numbers[each] && (
                <span className="rounded-full bg-sunken px-1.5 text-muted text-xs tabular-nums">
                  {numbers[each]}
                </span>
              )}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function ItemRow({ item, job }: { item: BulkJobItemView; job: BulkJobView }) {
  const { label, tone } = getItemStatus(item.state, job.state);
  const isRow = job.operation === 'import';
  const details = [
    ...item.errors.map(({ column, detail }) => (column ? `${column}: ${detail}` : detail)),
    ...(item.note ? [item.note] : []),
  ];
  const name = <bdi translate="no">{item.username ?? (isRow ? 'No username' : 'A deleted account')}</bdi>;
  return (
    <TableRow>
      <TableCell className="wrap-anywhere font-medium @xl:@max-4xl:col-span-2">
        <span className="font-normal text-muted empty:hidden">{isRow ? `Row ${item.position}: ` : ''}</span>
        {item.accountId ? (
          <Link
            href={buildAccountHref(item.accountId)}
            prefetch={false}
            className="rounded-sm underline underline-offset-4"
          >
            {name}
          </Link>
        ) : (
          name
        )}
      </TableCell>
      <TableCell label="Result">
        <StatusBadge tone={tone}>{label}</StatusBadge>
      </TableCell>
      <TableCell {...(details.length > 0 && { label: 'Details' })} className="wrap-anywhere">
        {details.length > 0 && (
          <div className="grid gap-1">
            {details.map((detail) => (
              <p key={detail}>{detail}</p>
            ))}
          </div>
        )}
      </TableCell>
    </TableRow>
  );
}
