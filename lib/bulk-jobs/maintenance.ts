import { and, eq, inArray, lt, or, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { bulkJobs } from '#db/schema/bulk-jobs.ts';
import { queueBulkJob } from '#lib/notifications/queue/queue-bulk-job.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import { READY_DAYS, RESULT_DAYS } from './limits.ts';

/** Deletes old jobs with their results, and imports that were not started. */
export async function pruneBulkJobs(database: Database): Promise<void> {
  const isOlder = (column: typeof bulkJobs.endedAt | typeof bulkJobs.createdAt, days: number) =>
    lt(column, sql`now() - make_interval(days => ${days})`);
  const old = await database
    .select({ id: bulkJobs.id })
    .from(bulkJobs)
    .where(
      or(
        isOlder(bulkJobs.endedAt, RESULT_DAYS),
        and(
          inArray(bulkJobs.state, ['uploading', 'checking', 'ready']),
          isOlder(bulkJobs.createdAt, READY_DAYS),
        ),
      ),
    );
  // One by one, because each may have many results.
  for (const { id } of old) await database.delete(bulkJobs).where(eq(bulkJobs.id, id));
}

/** Queues the jobs that run, in case an outage was longer than the queue's attempts. */
export async function resumeBulkJobs(database: Database): Promise<void> {
  const queue = await getQueue(database.$client);
  const rows = await database
    .select({ bulkJobId: bulkJobs.id })
    .from(bulkJobs)
    .where(inArray(bulkJobs.state, ['checking', 'running']));
  for (const job of rows) await queueBulkJob(database, queue, job);
}
