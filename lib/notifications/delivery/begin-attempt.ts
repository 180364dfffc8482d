import { and, eq, lt, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { enqueueMessage } from '#lib/notifications/queue/enqueue.ts';
import { abandon } from './finish-attempt.ts';
import { MAX_ATTEMPTS } from './schedule.ts';

/** How long an attempt has a message to itself, in seconds: twice what a provider gets to answer in. */
export const LEASE_SECONDS = 10;

/** A message that is this attempt's alone until the lease is over, by the database's clock. */
export type Attempt = { messageId: string; lease: Date };

/** When the message may next be attempted: null, or in the past, where it may be now. */
const free = sql`greatest(${messages.attemptUntil}, ${messages.nextAttemptAt})`;

/** In whole milliseconds, which a `Date` can hold: the end of a lease identifies it. */
const leaseOf = (seconds: number) =>
  sql`date_trunc('milliseconds', now()) + make_interval(secs => ${seconds})`;

/** Takes the message where nobody else has it and its time has come. */
async function take(
  transaction: Transaction,
  messageId: string,
  leaseSeconds: number,
): Promise<Attempt | null> {
  const [taken] = await transaction
    .update(messages)
    .set({ attemptUntil: leaseOf(leaseSeconds), nextAttemptAt: null })
    .where(
      and(
        eq(messages.id, messageId),
        eq(messages.state, 'queued'),
        lt(messages.attempts, MAX_ATTEMPTS),
        sql`coalesce(${free} <= now(), true)`,
      ),
    )
    .returning({ lease: messages.attemptUntil });
  return taken?.lease ? { messageId, lease: taken.lease } : null;
}

/** Queues the message anew, for when it may be attempted; gives it up where it had its attempts. */
async function requeue(transaction: Transaction, sender: PgBoss, messageId: string): Promise<void> {
  const [waiting] = await transaction
    .select({
      channel: messages.channel,
      attempts: messages.attempts,
      inSeconds: sql<number>`coalesce(ceil(extract(epoch from ${free} - now())), 0)::int`,
    })
    .from(messages)
    .where(and(eq(messages.id, messageId), eq(messages.state, 'queued')))
    .for('update');
  if (!waiting) return;
  if (waiting.inSeconds <= 0 && waiting.attempts >= MAX_ATTEMPTS) {
    return abandon(transaction, messageId);
  }
  await enqueueMessage(transaction, sender, waiting.channel, { messageId }, Math.max(waiting.inSeconds, 0));
}

/**
 * Begins an attempt to send a message: it is this attempt's alone for the lease, so that two jobs for one message
 * never send at the same time.
 *
 * Where another attempt has it, or its time has not come, a job comes back for it then: nothing rests on that other
 * attempt's worker staying alive.
 * @returns null where there is nothing to do now
 */
export function beginAttempt(
  database: Database,
  sender: PgBoss,
  messageId: string,
  leaseSeconds = LEASE_SECONDS,
): Promise<Attempt | null> {
  return withTransaction(database, async (transaction) => {
    const attempt = await take(transaction, messageId, leaseSeconds);
    if (!attempt) await requeue(transaction, sender, messageId);
    return attempt;
  });
}

/** Comes back for a message whose attempt took too long to get ready: its lease would end before the provider answers. */
export function defer(database: Database, sender: PgBoss, { messageId }: Attempt): Promise<void> {
  return withTransaction(database, (transaction) => requeue(transaction, sender, messageId));
}
