import { eq, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { messages } from '#db/schema/messages.ts';
import { reveals } from '#db/schema/reveals.ts';
import { userLinks } from '#db/schema/user-links.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';

/** Reads a message with the account or user that it is about. */
async function readMessage(transaction: Transaction, messageId: string) {
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

/** Records an audit event for a message that was accepted or abandoned, in the transaction that changes its state. */
export async function recordMessageEvent(
  transaction: Transaction,
  messageId: string,
  action: 'message.sent' | 'message.failed',
): Promise<void> {
  const message = await readMessage(transaction, messageId);
  if (!message) return;
  const { accountId, targetUserId, kind, channel, provider, failure, notice, to } = message;
  const noticeDetails = notice ? { notice, to } : {};
  const isSent = action === 'message.sent';
  recordAuditEvent(transaction, action, {
    userId: null,
    accountId,
    targetUserId,
    outcome: isSent ? 'done' : 'refused',
    details: { messageId, kind, channel, ...noticeDetails, ...(isSent ? { provider } : { failure }) },
  });
}
