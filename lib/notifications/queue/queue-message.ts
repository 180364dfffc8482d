import { and, eq, sql } from 'drizzle-orm';
import type pg from 'pg';
import { fromDrizzle, PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '#db/client.ts';
import { type MessageJob, QUEUES } from '#db/queues.ts';
import { messages } from '#db/schema/messages.ts';
import { reveals } from '#db/schema/reveals.ts';
import { users } from '#db/schema/users.ts';
import { recordFailedDelivery } from '#lib/notifications/delivery/record-failed-delivery.ts';
import type { SecurityNotice } from '#lib/notifications/email/security-notices.ts';
import { consumeSmsQuota } from '#lib/notifications/sms/policy.ts';
import { log } from '#lib/platform/log.ts';
import { monotonicClock } from './monotonic-clock.ts';

const queues = new WeakMap<pg.Pool, Promise<PgBoss>>();

/** Starts a pg-boss that only inserts jobs: it has no worker, no maintenance and no connections of its own. */
async function startQueue(pool: pg.Pool): Promise<PgBoss> {
  const queue = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    migrate: false,
    supervise: false,
    schedule: false,
    registerInstance: false,
    clock: monotonicClock,
  });
  queue.on('error', ({ message }) => {
    // pg-boss reloads the queues' options periodically, which fails after the pool was closed.
    if (pool.ending) void queue.stop({ graceful: false });
    else log.warn('queue.sender_error', { message });
  });
  await queue.start();
  return queue;
}

/** Returns the pg-boss that inserts jobs by this pool. Starts it on first use, or again after a failed start. */
export function getQueue(pool: pg.Pool): Promise<PgBoss> {
  const existingQueue = queues.get(pool);
  if (existingQueue) return existingQueue;
  const newQueue = startQueue(pool);
  queues.set(pool, newQueue);
  newQueue.catch(() => queues.delete(pool));
  return newQueue;
}

/**
 * Queues a job for a message that is already stored, in the caller's transaction. `queueMessage` also stores the
 * message.
 * @param queue from `getQueue`, called before the transaction so that no transaction waits for its start
 * @param delaySeconds counted from the transaction's `now()`
 */
export async function queueJob(
  transaction: Transaction,
  queue: PgBoss,
  channel: 'email' | 'sms',
  job: MessageJob,
  delaySeconds = 0,
): Promise<void> {
  const options = { db: fromDrizzle(transaction, sql), startAfter: delaySeconds };
  const id = await queue.send(QUEUES[channel], job, options);
  if (id === null) throw new Error(`pg-boss created no job in the queue ${QUEUES[channel]}`);
}

/**
 * What a message is about. Its content is rendered when it is sent. Its recipient is read then, too, except for a
 * security notice.
 */
export type NewMessage =
  | { kind: 'reveal_link'; revealId: string }
  | { kind: 'code'; revealId: string; codeGeneration: number }
  | { kind: 'change_notice'; changeId: string }
  | { kind: 'change_report'; changeId: string; userId: string }
  | { kind: 'user_link'; linkId: string }
  | { kind: 'expiry_reminder'; reminderId: string }
  | { kind: 'expiry_overview' | 'unused_overview' | 'token_overview'; overviewId: string; userId: string }
  | { kind: 'webhook_disabled'; webhookEndpointId: string; userId: string }
  | { kind: 'leak_notice'; leakId: string }
  | { kind: 'leak_report'; leakId: string; userId: string }
  /** `noticeTo`: the recipient, if it is not the user's current address. */
  | { kind: 'security_notice'; userId: string; notice: SecurityNotice; noticeTo?: string };

type NewSecurityNotice = Extract<NewMessage, { kind: 'security_notice' }>;
type NewSms = Extract<NewMessage, { kind: 'code' }>;

/** Whether a message was queued, or why the SMS policy blocked it. Administrators see `blockedReason`. */
export type QueueResult = { ok: true } | { ok: false; blockedReason: string };

/** Reads the recipient of an SMS from the reveal, which the caller has inserted or locked. */
async function readRecipient(transaction: Transaction, { revealId }: NewSms) {
  const [recipient] = await transaction
    .select({ accountId: reveals.accountId, phone: reveals.phone })
    .from(reveals)
    .where(eq(reveals.id, revealId));
  if (!recipient) throw new Error('there is no reveal for the SMS');
  return recipient;
}

/** Stores the user's current address with the notice, so that a later change of address cannot redirect it. */
async function addRecipient(transaction: Transaction, notice: NewSecurityNotice): Promise<NewSecurityNotice> {
  if (notice.noticeTo !== undefined) return notice;
  const [recipient] = await transaction
    .select({ noticeTo: users.email })
    .from(users)
    .where(eq(users.id, notice.userId));
  if (!recipient) throw new Error('there is no user for the security notice');
  return { ...notice, ...recipient };
}

/**
 * Records a blocked SMS. If it was blocked before, only updates its row, so that repeated requests cannot fill the table.
 */
async function recordBlockedSms(
  transaction: Transaction,
  sms: NewSms,
  { accountId, blockedReason }: { accountId: string; blockedReason: string },
): Promise<void> {
  const { revealId, codeGeneration } = sms;
  const values = { state: 'refused', failure: blockedReason, endedAt: sql`now()` } as const;
  const updatedRows = await transaction
    .update(messages)
    .set(values)
    .where(
      and(
        eq(messages.revealId, revealId),
        eq(messages.codeGeneration, codeGeneration),
        eq(messages.state, 'refused'),
      ),
    )
    .returning({ id: messages.id });
  if (updatedRows.length > 0) return;
  await transaction.insert(messages).values({ id: uuidv7(), channel: 'sms', ...sms, ...values });
  const failure = { channel: 'sms', problem: 'blocked', reason: blockedReason } as const;
  recordFailedDelivery(transaction, accountId, failure);
}

/**
 * Inserts a message and queues its job in the caller's transaction. An SMS first consumes its daily limits. If the SMS
 * policy blocks it, it is recorded as blocked, no job is queued, and the caller may continue.
 *
 * The caller must do the following:
 * - For a new code: lock the reveal, queue the SMS with the next generation, and make that generation current only if
 *   the SMS was queued. Otherwise a blocked SMS would invalidate the code that the integrator has.
 * - For a security notice: lock the user (`lockUser`).
 */
export async function queueMessage(
  transaction: Transaction,
  queue: PgBoss,
  message: NewMessage,
): Promise<QueueResult> {
  if (message.kind === 'code') {
    const recipient = await readRecipient(transaction, message);
    const quota = await consumeSmsQuota(transaction, recipient);
    if (!quota.ok) {
      await recordBlockedSms(transaction, message, { ...recipient, ...quota });
      return quota;
    }
  }
  const id = uuidv7();
  const channel = message.kind === 'code' ? 'sms' : 'email';
  const newMessage = message.kind === 'security_notice' ? await addRecipient(transaction, message) : message;
  await transaction.insert(messages).values({ id, channel, ...newMessage });
  await queueJob(transaction, queue, channel, { messageId: id });
  return { ok: true };
}
