import { sql } from 'drizzle-orm';
import type pg from 'pg';
import { fromDrizzle, PgBoss } from 'pg-boss';
import type { Transaction } from '#db/client.ts';
import { type MessageJob, QUEUES } from '#db/queues.ts';
import { log } from '#lib/platform/log.ts';
import { monotonicClock } from './monotonic-clock.ts';

const senders = new WeakMap<pg.Pool, Promise<PgBoss>>();

/** Starts a pg-boss that only inserts jobs: it has no worker, no maintenance and no connections of its own. */
async function startSender(pool: pg.Pool): Promise<PgBoss> {
  const sender = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    migrate: false,
    supervise: false,
    schedule: false,
    registerInstance: false,
    clock: monotonicClock,
  });
  sender.on('error', ({ message }) => {
    // pg-boss reloads the queues' options now and then. After the pool was closed it is no longer needed.
    if (pool.ending) void sender.stop({ graceful: false });
    else log.warn('queue.sender', { message });
  });
  await sender.start();
  return sender;
}

/** Returns the pool's sender, started on first use. After a failed start, the next call tries again. */
export function queueFor(pool: pg.Pool): Promise<PgBoss> {
  const existing = senders.get(pool);
  if (existing) return existing;
  const starting = startSender(pool);
  senders.set(pool, starting);
  starting.catch(() => senders.delete(pool));
  return starting;
}

/**
 * Queues a job to send a message, in the caller's transaction.
 * @param sender from `queueFor`, called before the transaction so that no transaction waits for its start
 * @param delaySeconds counted from the transaction's `now()`
 */
export async function enqueueMessage(
  transaction: Transaction,
  sender: PgBoss,
  channel: 'email' | 'sms',
  job: MessageJob,
  delaySeconds = 0,
): Promise<void> {
  const options = { db: fromDrizzle(transaction, sql), startAfter: delaySeconds };
  const id = await sender.send(QUEUES[channel], job, options);
  if (id === null) throw new Error(`the queue ${QUEUES[channel]} took no job`);
}
