import { and, eq, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';
import { reveals } from '#db/schema/reveals.ts';
import { users } from '#db/schema/users.ts';
import type { SecurityNotice } from '#lib/notifications/email/security-notices.ts';
import { enqueueMessage } from '#lib/notifications/queue/enqueue.ts';
import { consumeSmsQuota } from '#lib/notifications/sms/consume-quota.ts';

/** What a message is about. Whom it goes to (but for a security notice) and what it says are found out when it is sent. */
export type NewMessage =
  | { kind: 'reveal_link'; revealId: string }
  | { kind: 'code'; revealId: string; codeGeneration: number }
  | { kind: 'change_notice'; changeId: string }
  | { kind: 'objection'; changeId: string; userId: string }
  | { kind: 'user_link'; linkId: string }
  /** `noticeTo`: to this address, where not to the one that the person has now. */
  | { kind: 'security_notice'; userId: string; notice: SecurityNotice; noticeTo?: string };

type NewNotice = Extract<NewMessage, { kind: 'security_notice' }>;
type NewText = Extract<NewMessage, { kind: 'code' }>;

/** Whether a message was queued. `failure`: why the rules for texts refused it, in words for an administrator. */
export type Queued = { ok: true } | { ok: false; failure: string };

/** Whom a text goes to: by the reveal's own row, which the caller wrote or holds. */
async function recipientOf(transaction: Transaction, { revealId }: NewText) {
  const [recipient] = await transaction
    .select({ accountId: reveals.accountId, phone: reveals.phone })
    .from(reveals)
    .where(eq(reveals.id, revealId));
  if (!recipient) throw new Error('there is no reveal for a text');
  return recipient;
}

/** A notice goes where the person was reached when it happened: whoever changes that address later does not get it. */
async function addressed(transaction: Transaction, notice: NewNotice): Promise<NewNotice> {
  if (notice.noticeTo !== undefined) return notice;
  const [person] = await transaction
    .select({ noticeTo: users.email })
    .from(users)
    .where(eq(users.id, notice.userId));
  if (!person) throw new Error('there is nobody for a notice');
  return { ...notice, ...person };
}

/**
 * Writes a refused text down. The same text refused again (somebody asks and asks) is the same row, so that nobody
 * can fill the table.
 */
async function writeRefused(transaction: Transaction, text: NewText, failure: string): Promise<void> {
  const { revealId, codeGeneration } = text;
  const refused = { state: 'refused', failure, endedAt: sql`now()` } as const;
  const again = await transaction
    .update(messages)
    .set(refused)
    .where(
      and(
        eq(messages.revealId, revealId),
        eq(messages.codeGeneration, codeGeneration),
        eq(messages.state, 'refused'),
      ),
    )
    .returning({ id: messages.id });
  if (again.length > 0) return;
  await transaction.insert(messages).values({ id: uuidv7(), channel: 'sms', ...text, ...refused });
}

/**
 * Writes a message down and queues its sending, in the caller's transaction. A text is first asked for by the rules
 * for texts; refused, it is written down as such, no job is queued, and the caller's act may go on.
 *
 * Who gives out a new code holds the reveal, queues the text with the generation to come, and makes that the present
 * one only where the text was queued: or the code that somebody has would die for one that nobody gets. Who queues a
 * security notice holds the person's row (`lockUser`).
 */
export async function queueMessage(
  transaction: Transaction,
  sender: PgBoss,
  message: NewMessage,
): Promise<Queued> {
  if (message.kind === 'code') {
    const taken = await consumeSmsQuota(transaction, await recipientOf(transaction, message));
    if (!taken.ok) {
      await writeRefused(transaction, message, taken.failure);
      return taken;
    }
  }
  const id = uuidv7();
  const channel = message.kind === 'code' ? 'sms' : 'email';
  const written = message.kind === 'security_notice' ? await addressed(transaction, message) : message;
  await transaction.insert(messages).values({ id, channel, ...written });
  await enqueueMessage(transaction, sender, channel, { messageId: id });
  return { ok: true };
}
