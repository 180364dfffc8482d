import { sql } from 'drizzle-orm';
import { fromDrizzle, type PgBoss } from 'pg-boss';
import type { Queryable } from '#db/client.ts';
import { type BulkJob, QUEUES } from '#db/queues.ts';

/**
 * Queues a job that continues a bulk job, unless one is waiting already.
 * @param database the transaction of a change, or a database outside one
 */
export async function queueBulkJob(
  database: Queryable,
  queue: PgBoss,
  { bulkJobId }: BulkJob,
  delaySeconds = 0,
): Promise<void> {
  const options = { db: fromDrizzle(database, sql), startAfter: delaySeconds, singletonKey: bulkJobId };
  await queue.send(QUEUES.bulkJobs, { bulkJobId }, options);
}
