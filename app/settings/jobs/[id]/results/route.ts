import type { NextRequest } from 'next/server';
import { streamText } from '#lib/audit/stream-text.ts';
import { exportBulkJobItems, readBulkJob } from '#lib/bulk-jobs/read.ts';
import { bulkJobIdSchema, itemViewSchema } from '#lib/bulk-jobs/schema.ts';
import { requireAdministrator } from '#lib/identity/sessions/require-role.ts';
import { REFUSAL_STATUS } from '#lib/platform/authorization/status.ts';
import { database } from '#lib/platform/database.ts';

const respondWithText = (status: number, text: string) =>
  new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });

/** Streams the results of a job as a CSV file. */
export async function GET(request: NextRequest, { params }: { params: Promise<{ id: string }> }) {
  const access = await requireAdministrator('exportJobResults');
  if (!access.ok) return respondWithText(REFUSAL_STATUS[access.reason], access.message);
  const { administrator } = access;
  const parsed = bulkJobIdSchema.safeParse(await params);
  const job = parsed.success ? await readBulkJob(database(), administrator, parsed.data) : null;
  if (!job) return respondWithText(404, 'This job doesn’t exist, or was deleted after 30 days.');
  const view = itemViewSchema.parse(request.nextUrl.searchParams.get('view'));
  const text = await exportBulkJobItems(database(), administrator, { id: job.id, view });
  const name = `stagedoor-job-${job.operation.replace('_', '-')}-${view === 'all' ? 'results' : 'problems'}`;
  return new Response(streamText(text), {
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="${name}.csv"`,
    },
  });
}
