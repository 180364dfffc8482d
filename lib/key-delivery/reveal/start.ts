import { and, eq, isNull, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '#db/client.ts';
import { reveals } from '#db/schema/reveals.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { queueMessage } from '#lib/notifications/queue/queue-message.ts';
import type { AuditActor } from '#lib/platform/authorization/actor.ts';
import { CODE_MINUTES, LINK_HOURS } from './limits.ts';
import { deleteSealedKey } from './sealed-key.ts';

type Recipient = { accountId: string; email: string; phone: string };

/**
 * Ends a reveal that a new one is about to replace. Its link and code are invalid from the commit on, and a key that it
 * has shown is not shown again.
 */
export async function replaceReveal(transaction: Transaction, revealId: string): Promise<void> {
  await transaction
    .update(reveals)
    .set({ endedAt: sql`now()`, endReason: 'replaced' })
    .where(and(eq(reveals.id, revealId), isNull(reveals.endedAt)));
  await deleteSealedKey(transaction, revealId);
}

/**
 * Starts a reveal and queues its email and SMS.
 * The caller has inserted or locked the account's row, and stores the returned `revealId` in it as the current reveal.
 * @returns `smsBlockedReason`: why the SMS policy blocked the SMS, shown to administrators; null if it did not
 */
export async function startReveal(
  transaction: Transaction,
  queue: PgBoss,
  recipient: Recipient,
  startedBy: AuditActor,
): Promise<{ revealId: string; smsBlockedReason: string | null }> {
  const revealId = uuidv7();
  await transaction.insert(reveals).values({
    id: revealId,
    ...recipient,
    expiresAt: sql`now() + make_interval(hours => ${LINK_HOURS})`,
    codeExpiresAt: sql`now() + make_interval(mins => ${CODE_MINUTES})`,
  });
  await queueMessage(transaction, queue, { kind: 'reveal_link', revealId });
  const sms = await queueMessage(transaction, queue, { kind: 'code', revealId, codeGeneration: 1 });
  recordAuditEvent(transaction, 'reveal.started', {
    ...startedBy,
    accountId: recipient.accountId,
    details: { revealId },
  });
  return { revealId, smsBlockedReason: sms.ok ? null : sms.blockedReason };
}
