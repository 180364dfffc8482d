import { sql } from 'drizzle-orm';
import { fromDrizzle, type PgBoss } from 'pg-boss';
import type { Transaction } from '#db/client.ts';
import { QUEUES, type WebhookJob } from '#db/queues.ts';

/** Queues a job for the next attempt of a webhook delivery, in the caller's transaction. */
export async function queueWebhook(transaction: Transaction, queue: PgBoss, job: WebhookJob): Promise<void> {
  const id = await queue.send(QUEUES.webhooks, job, { db: fromDrizzle(transaction, sql) });
  if (id === null) throw new Error(`pg-boss created no job in the queue ${QUEUES.webhooks}`);
}
