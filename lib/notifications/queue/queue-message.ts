import { and, eq, sql } from 'drizzle-orm';
import type pg from 'pg';
import { fromDrizzle, PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '#db/client.ts';
import { type MessageJob, QUEUES } from '#db/queues.ts';
import { messages } from '#db/schema/messages.ts';
import { reveals } from '#db/schema/reveals.ts';
import { users } from '#db/schema/users.ts';
import type { SecurityNotice } from '#lib/notifications/email/security-notices.ts';
import { consumeSmsQuota } from '#lib/notifications/sms/policy.ts';
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
    else log.warn('queue.sender_error', { message });
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
 * Queues a job for a message that is already stored, in the caller's transaction. `queueMessage` does both.
 * @param sender from `queueFor`, called before the transaction so that no transaction waits for its start
 * @param delaySeconds counted from the transaction's `now()`
 */
export async function queueJob(
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

/** What a message is about. Its content, and its recipient except for a security notice, are derived when it is sent. */
export type NewMessage =
  | { kind: 'reveal_link'; revealId: string }
  | { kind: 'code'; revealId: string; codeGeneration: number }
  | { kind: 'change_notice'; changeId: string }
  | { kind: 'change_report'; changeId: string; userId: string }
  | { kind: 'user_link'; linkId: string }
  /** `noticeTo`: the recipient, if it is not the user's current address. */
  | { kind: 'security_notice'; userId: string; notice: SecurityNotice; noticeTo?: string };

type NewSecurityNotice = Extract<NewMessage, { kind: 'security_notice' }>;
type NewSms = Extract<NewMessage, { kind: 'code' }>;

/** Whether a message was queued. `failure`: why the SMS policy blocked it, shown to administrators. */
export type QueueResult = { ok: true } | { ok: false; failure: string };

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

/** Records a blocked SMS. The same SMS blocked again updates its row, so that repeated requests cannot fill the table. */
async function recordBlockedSms(transaction: Transaction, sms: NewSms, failure: string): Promise<void> {
  const { revealId, codeGeneration } = sms;
  const blocked = { state: 'refused', failure, endedAt: sql`now()` } as const;
  const updated = await transaction
    .update(messages)
    .set(blocked)
    .where(
      and(
        eq(messages.revealId, revealId),
        eq(messages.codeGeneration, codeGeneration),
        eq(messages.state, 'refused'),
      ),
    )
    .returning({ id: messages.id });
  if (updated.length > 0) return;
  await transaction.insert(messages).values({ id: uuidv7(), channel: 'sms', ...sms, ...blocked });
}

/**
 * Inserts a message and queues its job in the caller's transaction. An SMS consumes quota first. If the SMS policy
 * blocks it, it is recorded as blocked, no job is queued, and the caller may continue.
 *
 * Required of the caller:
 * - For a new code: lock the reveal, queue the SMS with the next generation, and make that generation current only if
 *   the SMS was queued. Otherwise a blocked SMS would invalidate the code that the integrator has.
 * - For a security notice: lock the user (`lockUser`).
 */
export async function queueMessage(
  transaction: Transaction,
  sender: PgBoss,
  message: NewMessage,
): Promise<QueueResult> {
  if (message.kind === 'code') {
    const quota = await consumeSmsQuota(transaction, await readRecipient(transaction, message));
    if (!quota.ok) {
      await recordBlockedSms(transaction, message, quota.failure);
      return quota;
    }
  }
  const id = uuidv7();
  const channel = message.kind === 'code' ? 'sms' : 'email';
  const addressed = message.kind === 'security_notice' ? await addRecipient(transaction, message) : message;
  await transaction.insert(messages).values({ id, channel, ...addressed });
  await queueJob(transaction, sender, channel, { messageId: id });
  return { ok: true };
}
