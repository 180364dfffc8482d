import Link from 'next/link';
import { buttonClass } from '#components/button-class.ts';
import { LocalTime } from '#components/local-time.tsx';
import { SkeletonIfSlow } from '#components/skeleton-if-slow.tsx';
import { StatusBadge } from '#components/status-badge.tsx';
import { type Column, Table, TableCell, TableRow } from '#components/table.tsx';
import { listBulkJobs } from '#lib/bulk-jobs/read.ts';
import type { BulkJobView } from '#lib/bulk-jobs/schema.ts';
import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { database } from '#lib/platform/database.ts';
import { NoAccess } from '../no-access.tsx';
import { redirectUnauthorized } from '../redirect-unauthorized.ts';
import {
  buildJobHref,
  formatJobTitle,
  getJobStatus,
  IMPORT_PATH,
  JOBS_PATH,
  NOT_ADMINISTRATOR,
} from './job-labels.ts';
import { JobsHeading } from './jobs-heading.tsx';
import { JobsSkeleton } from './jobs-skeleton.tsx';

export const metadata = { title: 'Jobs' };

const COLUMNS: Column[] = [
  { heading: 'Job', widthClass: 'w-[36%]' },
  { heading: 'Status', widthClass: 'w-[18%]' },
  { heading: 'Started by', widthClass: 'w-[22%]' },
  { heading: 'Time', widthClass: 'w-[24%]' },
];

export default async function JobsPage() {
  const access = await requireViewer();
  if (!access.ok) redirectUnauthorized(access, JOBS_PATH);
  const administrator = access.ok ? access.administrator : null;
  if (!administrator) {
    return <NoAccess heading={<JobsHeading />}>{access.ok ? NOT_ADMINISTRATOR : access.message}</NoAccess>;
  }
  return (
    <>
      <JobsHeading
        action={
          <Link href={IMPORT_PATH} className={buttonClass('secondary')}>
            Import accounts
          </Link>
        }
      />
      <SkeletonIfSlow content={renderJobs(administrator)} skeleton={<JobsSkeleton />} />
    </>
  );
}

async function renderJobs(administrator: Administrator) {
  const jobs = await listBulkJobs(database(), administrator);
  return (
    <section aria-label="Jobs" className="rounded-lg border border-line bg-surface shadow-card">
      {jobs.length === 0 ? (
        <p className="px-5 py-10 text-center text-muted">
          No jobs yet. Select accounts in the list of API accounts to change many of them.
        </p>
      ) : (
        <Table label="Jobs" columns={COLUMNS}>
          {jobs.map((job) => (
            <JobRow key={job.id} job={job} />
          ))}
        </Table>
      )}
    </section>
  );
}

function JobRow({ job }: { job: Omit<BulkJobView, 'counts'> }) {
  const { label, tone } = getJobStatus(job);
  return (
    <TableRow>
      <TableCell className="@xl:@max-4xl:col-span-2">
        <Link
          href={buildJobHref(job.id)}
          prefetch={false}
          className="rounded-sm font-semibold underline underline-offset-4"
        >
          {formatJobTitle(job)}
        </Link>
      </TableCell>
      <TableCell label="Status">
        <StatusBadge tone={tone}>{label}</StatusBadge>
      </TableCell>
      <TableCell label="Started by">
        <bdi translate="no">{job.createdBy ?? 'A former user'}</bdi>
      </TableCell>
      <TableCell label="Time" className="text-muted">
        <LocalTime at={job.createdAt} />
      </TableCell>
    </TableRow>
  );
}
