import { sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';

const getKey = (jobId: string) => sql`hashtextextended(${`bulk job ${jobId}`}::text, 0)`;

/**
 * Keeps a job from being cancelled until the transaction ends. An advisory lock, because it is fair: for a row that each
 * item locks again, a cancellation would wait indefinitely.
 */
export async function keepFromCancelling(transaction: Transaction, jobId: string): Promise<void> {
  await transaction.execute(sql`select pg_advisory_xact_lock_shared(${getKey(jobId)})`);
}

/** Waits until no item of a job is being worked on, and keeps others from being begun until the transaction ends. */
export async function awaitItems(transaction: Transaction, jobId: string): Promise<void> {
  await transaction.execute(sql`select pg_advisory_xact_lock(${getKey(jobId)})`);
}
