import { eq } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';
import { users } from '#db/schema/users.ts';
import { countAttempt, lockMessage } from '#lib/notifications/delivery/queued-message.ts';
import type { SecurityNotice } from '#lib/notifications/email/security-notices.ts';
import { settings } from '#lib/platform/config/settings.ts';

/** The content of a security notice. */
export type NoticeMessage = {
  kind: 'security_notice';
  to: string;
  notice: SecurityNotice;
  /** When the change was made. */
  happenedAt: Date;
  link: string;
};

/**
 * Prepares an attempt to send a security notice, and counts it. The recipient was stored when the notice was queued:
 * the user's email address or, if the notice is about its change, the previous one. Inactive users get notices too,
 * because they need to know about the change.
 * @returns null if there is nothing to send
 */
export async function prepareNotice(
  transaction: Transaction,
  message: { id: string; userId: string },
): Promise<NoticeMessage | null> {
  const [user] = await transaction
    .select({ to: users.email })
    .from(users)
    .where(eq(users.id, message.userId));
  const lockedMessage = await lockMessage(transaction, message.id);
  if (!user || !lockedMessage) return null;
  const [stored] = await transaction
    .select({ notice: messages.notice, noticeTo: messages.noticeTo, happenedAt: messages.createdAt })
    .from(messages)
    .where(eq(messages.id, message.id));
  if (!stored?.notice) return null;
  await countAttempt(transaction, lockedMessage);
  const link = `${settings().publicUrl}/settings/your-account`;
  return {
    kind: 'security_notice',
    // Earlier versions did not store the email address.
    to: stored.noticeTo ?? user.to,
    notice: stored.notice as SecurityNotice,
    happenedAt: stored.happenedAt,
    link,
  };
}
