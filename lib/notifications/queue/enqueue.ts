import { sql } from 'drizzle-orm';
import type pg from 'pg';
import { fromDrizzle, PgBoss } from 'pg-boss';
import type { Transaction } from '#db/client.ts';
import { type MessageJob, QUEUES } from '#db/queues.ts';
import { log } from '#lib/platform/log.ts';
import { monotonicClock } from './monotonic-clock.ts';

const senders = new WeakMap<pg.Pool, Promise<PgBoss>>();

/** A pg-boss that only writes jobs: no worker, no upkeep, and no connections but those of the pool. */
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
    // It looks at the queues' options from time to time; a pool that was closed has no more use for it.
    if (pool.ending) void sender.stop({ graceful: false });
    else log.warn('queue.sender', { message });
  });
  await sender.start();
  return sender;
}

/** The sender of this pool, started on first use; a start that failed is tried again by the next caller. */
export function queueFor(pool: pg.Pool): Promise<PgBoss> {
  const known = senders.get(pool);
  if (known) return known;
  const starting = startSender(pool);
  senders.set(pool, starting);
  starting.catch(() => senders.delete(pool));
  return starting;
}

/**
 * Queues the sending of a message inside the caller's transaction: one job when it commits, none when it
 * does not.
 * @param sender from `queueFor`, asked for before the transaction began, so that no transaction waits for it
 * @param inSeconds how long the job waits, from the transaction's `now()` on
 */
export async function enqueueMessage(
  transaction: Transaction,
  sender: PgBoss,
  channel: 'email' | 'sms',
  task: MessageJob,
  inSeconds = 0,
): Promise<void> {
  const options = { db: fromDrizzle(transaction, sql), startAfter: inSeconds };
  const id = await sender.send(QUEUES[channel], task, options);
  if (id === null) throw new Error(`the queue ${QUEUES[channel]} took no job`);
}
