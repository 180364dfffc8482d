import { readBulkJob } from '#lib/bulk-jobs/read.ts';
import { bulkJobIdSchema } from '#lib/bulk-jobs/schema.ts';
import { requireAdministratorForPolling } from '#lib/identity/sessions/require-role.ts';
import { REFUSAL_STATUS } from '#lib/platform/authorization/status.ts';
import { database } from '#lib/platform/database.ts';

const respondWithJson = (body: object, status = 200) =>
  Response.json(body, { status, headers: { 'cache-control': 'no-store' } });

/** Returns a job's progress to its page, which polls it. Polling does not extend the session. */
export async function GET(_request: Request, { params }: { params: Promise<{ id: string }> }) {
  const access = await requireAdministratorForPolling();
  if (!access.ok) return respondWithJson({ reason: access.reason }, REFUSAL_STATUS[access.reason]);
  const parsed = bulkJobIdSchema.safeParse(await params);
  const job = parsed.success ? await readBulkJob(database(), access.administrator, parsed.data) : null;
  if (!job) return respondWithJson({ reason: 'not_found' }, 404);
  const { state, waitingUntil, total, counts } = job;
  return respondWithJson({ state, waitingUntil, total, counts });
}
