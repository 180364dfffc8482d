import Link from 'next/link';
import { z } from 'zod';
import { Notice } from '#components/notice.tsx';
import { SkeletonIfSlow } from '#components/skeleton-if-slow.tsx';
import { listBulkJobItems, readBulkJob } from '#lib/bulk-jobs/read.ts';
import { bulkJobIdSchema, type ItemView, itemViewSchema } from '#lib/bulk-jobs/schema.ts';
import { requireViewer } from '#lib/identity/sessions/require-role.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { database } from '#lib/platform/database.ts';
import { NoAccess } from '../../no-access.tsx';
import { redirectUnauthorized } from '../../redirect-unauthorized.ts';
import { buildJobHref, JOB_ID, JOBS_PATH, NOT_ADMINISTRATOR } from '../job-labels.ts';
import { JobResults } from '../job-results.tsx';
import { JobView } from '../job-view.tsx';
import { JobHeading } from '../jobs-heading.tsx';
import { JobsSkeleton } from '../jobs-skeleton.tsx';

export const metadata = { title: 'Job' };

/** The position after which a page of the results begins. A malformed one is ignored. */
const positionSchema = z.coerce.number().int().min(0).max(1_000_000).catch(0);

type PageProps = {
  params: Promise<{ id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export default async function JobPage({ params, searchParams }: PageProps) {
  const [{ id }, parameters] = await Promise.all([params, searchParams]);
  const view = itemViewSchema.parse(parameters.view);
  const after = positionSchema.parse(parameters.after);
  const access = await requireViewer();
  if (!access.ok) redirectUnauthorized(access, buildJobHref(id));
  const administrator = access.ok ? access.administrator : null;
  if (!administrator) {
    return <NoAccess heading={<JobHeading />}>{access.ok ? NOT_ADMINISTRATOR : access.message}</NoAccess>;
  }
  return (
    <>
      <JobHeading />
      <SkeletonIfSlow content={renderJob(administrator, id, { view, after })} skeleton={<JobsSkeleton />} />
    </>
  );
}

async function renderJob(administrator: Administrator, id: string, query: { view: ItemView; after: number }) {
  const parsed = bulkJobIdSchema.safeParse({ id });
  const job = parsed.success ? await readBulkJob(database(), administrator, parsed.data) : null;
  if (!job) return <MissingJob />;
  const { items, next } = await listBulkJobItems(database(), administrator, { id: job.id, ...query });
  return (
    <div id={JOB_ID} tabIndex={-1} className="grid gap-6 outline-none">
      {/* Another state has other texts and buttons, so the component starts again. */}
      <JobView key={job.state} job={job} />
      {job.total > 0 && <JobResults job={job} items={items} next={next} {...query} />}
    </div>
  );
}

function MissingJob() {
  return (
    <Notice tone="warning" title="This job doesn’t exist" className="max-w-2xl">
      <p>Jobs are deleted 30 days after their end.</p>
      <p>
        <Link href={JOBS_PATH} className="font-medium underline underline-offset-2">
          Show all jobs
        </Link>
      </p>
    </Notice>
  );
}
