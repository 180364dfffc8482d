import { eq, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { messages } from '#db/schema/messages.ts';
import { reveals } from '#db/schema/reveals.ts';
import { userLinks } from '#db/schema/user-links.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';

/** Which account or which user a message is about. */
async function subjectOf(transaction: Transaction, messageId: string) {
  const [message] = await transaction
    .select({
      kind: messages.kind,
      channel: messages.channel,
      provider: messages.provider,
      failure: messages.failure,
      notice: messages.notice,
      to: messages.noticeTo,
      accountId: sql<string | null>`coalesce(${reveals.accountId}, ${contactChanges.accountId})`,
      targetUserId: sql<string | null>`coalesce(${messages.userId}, ${userLinks.userId})`,
    })
    .from(messages)
    .leftJoin(reveals, eq(reveals.id, messages.revealId))
    .leftJoin(contactChanges, eq(contactChanges.id, messages.changeId))
    .leftJoin(userLinks, eq(userLinks.id, messages.linkId))
    .where(eq(messages.id, messageId));
  return message;
}

/** Puts on record that a message was accepted or given up, in the transaction that says so of the message. */
export async function recordDelivery(
  transaction: Transaction,
  messageId: string,
  act: 'message.sent' | 'message.failed',
): Promise<void> {
  const message = await subjectOf(transaction, messageId);
  if (!message) return;
  const { accountId, targetUserId, kind, channel, provider, failure, notice, to } = message;
  const told = notice ? { notice, to } : {};
  const isSent = act === 'message.sent';
  recordAuditEvent(transaction, act, {
    userId: null,
    accountId,
    targetUserId,
    outcome: isSent ? 'done' : 'refused',
    details: { messageId, kind, channel, ...told, ...(isSent ? { provider } : { failure }) },
  });
}
