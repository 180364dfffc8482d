import { and, eq, inArray, lt, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { expiryReminders } from '#db/schema/expiry.ts';
import { leaks } from '#db/schema/leaks.ts';
import { messages } from '#db/schema/messages.ts';
import { reveals } from '#db/schema/reveals.ts';
import { userLinks } from '#db/schema/user-links.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import type { Provider } from '#lib/notifications/providers/send-result.ts';
import { queueJob } from '#lib/notifications/queue/queue-message.ts';
import { recordFailedDelivery } from './record-failed-delivery.ts';
import { calculateRetryDelay, MAX_ATTEMPTS } from './retry-schedule.ts';

/** Length of an attempt's lease: twice the provider's response timeout. */
export const LEASE_SECONDS = 10;

/** A delivery attempt that has its message for itself until its lease ends, by the database's clock. */
export type Attempt = { messageId: string; leaseEndsAt: Date };

/** The result of a failed attempt that may be retried: see `SendResult`. */
export type FailedAttempt = { reason: string; retryAfterSeconds?: number; isUnanswered?: true };

/** The earliest time of the next attempt; null or in the past if the message is due. */
const AVAILABLE_AT = sql`greatest(${messages.attemptUntil}, ${messages.nextAttemptAt})`;

/**
 * Returns the end of a lease that starts now. It identifies the attempt, so it has whole milliseconds, like a `Date`.
 */
const computeLeaseEnd = (seconds: number) =>
  sql`date_trunc('milliseconds', now()) + make_interval(secs => ${seconds})`;

/** Values for a message that has no attempt in progress and no next attempt. */
const ENDED_VALUES = { attemptUntil: null, nextAttemptAt: null, endedAt: sql`now()` };

/** Shown to administrators if an abandoned message may have arrived. */
const MAY_HAVE_ARRIVED =
  'We can’t tell if it was sent. Ask the recipient, and resend it if it didn’t arrive.';

/** Leases a message that is due and that no other attempt has leased. */
async function leaseMessage(
  transaction: Transaction,
  messageId: string,
  leaseSeconds: number,
): Promise<Attempt | null> {
  const [leasedMessage] = await transaction
    .update(messages)
    .set({ attemptUntil: computeLeaseEnd(leaseSeconds), nextAttemptAt: null })
    .where(
      and(
        eq(messages.id, messageId),
        eq(messages.state, 'queued'),
        lt(messages.attempts, MAX_ATTEMPTS),
        sql`coalesce(${AVAILABLE_AT} <= now(), true)`,
      ),
    )
    .returning({ leaseEndsAt: messages.attemptUntil });
  return leasedMessage?.leaseEndsAt ? { messageId, leaseEndsAt: leasedMessage.leaseEndsAt } : null;
}

/** Queues a job for the time of the next attempt, or abandons the message if it has used all its attempts. */
async function requeueMessage(transaction: Transaction, queue: PgBoss, messageId: string): Promise<void> {
  const [message] = await transaction
    .select({
      channel: messages.channel,
      attempts: messages.attempts,
      secondsLeft: sql<number>`coalesce(ceil(extract(epoch from ${AVAILABLE_AT} - now())), 0)::int`,
    })
    .from(messages)
    .where(and(eq(messages.id, messageId), eq(messages.state, 'queued')))
    .for('update');
  if (!message) return;
  const { channel, attempts, secondsLeft } = message;
  if (secondsLeft <= 0 && attempts >= MAX_ATTEMPTS) return abandon(transaction, messageId);
  await queueJob(transaction, queue, channel, { messageId }, Math.max(secondsLeft, 0));
}

/**
 * Begins an attempt to send a message. The lease keeps two jobs from sending the same message at the same time.
 *
 * If another attempt has the lease, or the message is not due, a new job is queued for later. So the message is also
 * sent if the other attempt's worker is killed.
 * @returns null if there is nothing to send now
 */
export function beginAttempt(
  database: Database,
  queue: PgBoss,
  messageId: string,
  leaseSeconds = LEASE_SECONDS,
): Promise<Attempt | null> {
  return withTransaction(database, async (transaction) => {
    const attempt = await leaseMessage(transaction, messageId, leaseSeconds);
    if (!attempt) await requeueMessage(transaction, queue, messageId);
    return attempt;
  });
}

/**
 * Defers an attempt: queues a job for the end of its lease. The worker does so if the preparation took so long that the
 * lease could end before the provider responds.
 */
export function deferAttempt(database: Database, queue: PgBoss, { messageId }: Attempt): Promise<void> {
  return withTransaction(database, (transaction) => requeueMessage(transaction, queue, messageId));
}

/** Reads a message with the account or user that it is about. */
async function readMessageDetails(transaction: Transaction, messageId: string) {
  const [message] = await transaction
    .select({
      kind: messages.kind,
      channel: messages.channel,
      provider: messages.provider,
      failure: messages.failure,
      notice: messages.notice,
      to: messages.noticeTo,
      accountId: sql<
        string | null
      >`coalesce(${reveals.accountId}, ${contactChanges.accountId}, ${expiryReminders.accountId}, ${leaks.accountId})`,
      targetUserId: sql<string | null>`coalesce(${messages.userId}, ${userLinks.userId})`,
    })
    .from(messages)
    .leftJoin(reveals, eq(reveals.id, messages.revealId))
    .leftJoin(contactChanges, eq(contactChanges.id, messages.changeId))
    .leftJoin(userLinks, eq(userLinks.id, messages.linkId))
    .leftJoin(expiryReminders, eq(expiryReminders.id, messages.reminderId))
    .leftJoin(leaks, eq(leaks.id, messages.leakId))
    .where(eq(messages.id, messageId));
  return message;
}

/** Records an audit event for a message that was accepted or abandoned, in the transaction that changes its state. */
async function recordMessageEvent(
  transaction: Transaction,
  messageId: string,
  action: 'message.sent' | 'message.failed',
): Promise<void> {
  const message = await readMessageDetails(transaction, messageId);
  if (!message) return;
  const { accountId, targetUserId, kind, channel, provider, failure, notice, to } = message;
  const noticeDetails = notice ? { notice, to } : {};
  const isSent = action === 'message.sent';
  if (!isSent && accountId && (kind === 'reveal_link' || kind === 'code'))
    recordFailedDelivery(transaction, accountId, { channel, problem: 'not_sent', reason: failure });
  recordAuditEvent(transaction, action, {
    userId: null,
    accountId,
    targetUserId,
    outcome: isSent ? 'done' : 'refused',
    details: { messageId, kind, channel, ...noticeDetails, ...(isSent ? { provider } : { failure }) },
  });
}

/**
 * Marks a message as accepted by the provider, even if it was dropped or abandoned in the meantime:
 * an administrator may have resent it during the attempt.
 */
export async function markSent(
  database: Database,
  messageId: string,
  { provider, providerId }: { provider: Provider; providerId: string | null },
): Promise<void> {
  await withTransaction(database, async (transaction) => {
    const sentRows = await transaction
      .update(messages)
      .set({ ...ENDED_VALUES, state: 'sent', provider, providerId, failure: null })
      .where(and(eq(messages.id, messageId), inArray(messages.state, ['queued', 'dropped', 'failed'])))
      .returning({ id: messages.id });
    if (sentRows.length > 0) await recordMessageEvent(transaction, messageId, 'message.sent');
  });
}

/**
 * Abandons a queued message.
 * @param failure why; if missing, the last attempt's reason is kept
 * @param unansweredAttempts the new number; if missing, the stored one is kept
 */
async function abandon(
  transaction: Transaction,
  messageId: string,
  failure?: string,
  unansweredAttempts?: number,
): Promise<void> {
  const defaultFailure = 'Sending kept failing.';
  const abandonedRows = await transaction
    .update(messages)
    .set({
      ...ENDED_VALUES,
      state: 'failed',
      failure: failure ?? sql`coalesce(${messages.failure}, ${defaultFailure})`,
      ...(unansweredAttempts === undefined ? {} : { unanswered: unansweredAttempts }),
    })
    .where(and(eq(messages.id, messageId), eq(messages.state, 'queued')))
    .returning({ id: messages.id });
  if (abandonedRows.length > 0) await recordMessageEvent(transaction, messageId, 'message.failed');
}

/** Abandons a queued message in its own transaction. */
export function abandonMessage(database: Database, messageId: string, failure?: string): Promise<void> {
  return withTransaction(database, (transaction) => abandon(transaction, messageId, failure));
}

/** Locks the message of an attempt. Returns undefined if the attempt no longer has the lease. */
async function lockAttemptedMessage(transaction: Transaction, attempt: Attempt) {
  const [message] = await transaction
    .select({ channel: messages.channel, attempts: messages.attempts, unanswered: messages.unanswered })
    .from(messages)
    .where(
      and(
        eq(messages.id, attempt.messageId),
        eq(messages.state, 'queued'),
        eq(messages.attemptUntil, attempt.leaseEndsAt),
      ),
    )
    .for('update');
  return message;
}

/**
 * Records a failed attempt and queues the next one in the same transaction, or abandons the message.
 * Does nothing if the attempt took so long that it lost its lease.
 */
export function recordFailedAttempt(
  database: Database,
  queue: PgBoss,
  attempt: Attempt,
  failedAttempt: FailedAttempt,
): Promise<void> {
  const { messageId } = attempt;
  const { reason, retryAfterSeconds, isUnanswered = false } = failedAttempt;
  return withTransaction(database, async (transaction) => {
    const message = await lockAttemptedMessage(transaction, attempt);
    if (!message) return;
    const { channel, attempts } = message;
    const unansweredAttempts = message.unanswered + (isUnanswered ? 1 : 0);
    const delaySeconds = calculateRetryDelay({
      attempts,
      isUnanswered,
      unansweredAttempts,
      retryAfterSeconds,
    });
    if (delaySeconds === null) {
      const failure = unansweredAttempts > 0 ? `${reason} ${MAY_HAVE_ARRIVED}` : reason;
      return abandon(transaction, messageId, failure, unansweredAttempts);
    }
    await transaction
      .update(messages)
      .set({
        failure: reason,
        unanswered: unansweredAttempts,
        attemptUntil: null,
        nextAttemptAt: sql`now() + make_interval(secs => ${delaySeconds})`,
      })
      .where(eq(messages.id, messageId));
    await queueJob(transaction, queue, channel, { messageId }, delaySeconds);
  });
}
