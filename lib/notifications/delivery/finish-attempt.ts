import { and, eq, inArray, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { enqueueMessage } from '#lib/notifications/queue/enqueue.ts';
import type { Attempt } from './begin-attempt.ts';
import { recordDelivery } from './record-delivery.ts';
import { nextDelay } from './schedule.ts';

/** Who hands a message on. */
export type Provider = NonNullable<typeof messages.$inferSelect.provider>;

/** An attempt that failed, and is worth another. `reason`: why, in words for an administrator. */
export type FailedAttempt = { reason: string; retryAfterSeconds?: number; unanswered?: true };

/** No attempt is under way any more, and none is to come. */
const over = { attemptUntil: null, nextAttemptAt: null, endedAt: sql`now()` };

/**
 * The provider has accepted the message. That is so even where it was dropped or given up meanwhile: an administrator
 * may have sent it again while it was on its way.
 */
export async function markSent(
  database: Database,
  messageId: string,
  { provider, providerId }: { provider: Provider; providerId: string | null },
): Promise<void> {
  await withTransaction(database, async (transaction) => {
    const sent = await transaction
      .update(messages)
      .set({ ...over, state: 'sent', provider, providerId, failure: null })
      .where(and(eq(messages.id, messageId), inArray(messages.state, ['queued', 'dropped', 'failed'])))
      .returning({ id: messages.id });
    if (sent.length > 0) await recordDelivery(transaction, messageId, 'message.sent');
  });
}

/** Gives a message up, in the caller's transaction. Without a `failure`, that of the last attempt stays. */
export async function abandon(
  transaction: Transaction,
  messageId: string,
  failure?: string,
  unanswered?: number,
): Promise<void> {
  const unknown = 'The sending was interrupted again and again.';
  const failed = await transaction
    .update(messages)
    .set({
      ...over,
      state: 'failed',
      failure: failure ?? sql`coalesce(${messages.failure}, ${unknown})`,
      ...(unanswered === undefined ? {} : { unanswered }),
    })
    .where(and(eq(messages.id, messageId), eq(messages.state, 'queued')))
    .returning({ id: messages.id });
  if (failed.length > 0) await recordDelivery(transaction, messageId, 'message.failed');
}

/** The message is given up; the account shows it. */
export function markFailed(database: Database, messageId: string, failure?: string): Promise<void> {
  return withTransaction(database, (transaction) => abandon(transaction, messageId, failure));
}

/** The message of an attempt that still has it: not one that another attempt has taken since, nor one that has ended. */
async function holdAttempted(transaction: Transaction, { messageId, lease }: Attempt) {
  const [held] = await transaction
    .select({ channel: messages.channel, attempts: messages.attempts, unanswered: messages.unanswered })
    .from(messages)
    .where(and(eq(messages.id, messageId), eq(messages.state, 'queued'), eq(messages.attemptUntil, lease)))
    .for('update');
  return held;
}

/** What an administrator has to know of a message that may have arrived, and is not tried again for that reason. */
const MAY_HAVE_ARRIVED =
  'Nobody knows whether it went out, so it is not tried again: ask whether it arrived, and send it again if not.';

/**
 * An attempt failed. Writes down why and when the next one is made, and queues that, in one transaction; or gives the
 * message up. Does nothing where the attempt took so long that it no longer has the message.
 */
export function recordFailedAttempt(
  database: Database,
  sender: PgBoss,
  attempt: Attempt,
  failed: FailedAttempt,
): Promise<void> {
  const { messageId } = attempt;
  const { reason, retryAfterSeconds, unanswered = false } = failed;
  return withTransaction(database, async (transaction) => {
    const held = await holdAttempted(transaction, attempt);
    if (!held) return;
    const { channel, attempts } = held;
    const unansweredInAll = held.unanswered + (unanswered ? 1 : 0);
    const wait = nextDelay({ attempts, unanswered, unansweredInAll, retryAfterSeconds });
    if (wait === null) {
      const words = unansweredInAll > 0 ? `${reason} ${MAY_HAVE_ARRIVED}` : reason;
      return abandon(transaction, messageId, words, unansweredInAll);
    }
    await transaction
      .update(messages)
      .set({
        failure: reason,
        unanswered: unansweredInAll,
        attemptUntil: null,
        nextAttemptAt: sql`now() + make_interval(secs => ${wait})`,
      })
      .where(eq(messages.id, messageId));
    await enqueueMessage(transaction, sender, channel, { messageId }, wait);
  });
}
