import { eq } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';
import { users } from '#db/schema/users.ts';
import { countAttempt, lockMessage } from '#lib/notifications/delivery/queued-message.ts';
import type { SecurityNotice } from '#lib/notifications/email/security-notices.ts';
import { settings } from '#lib/platform/config/settings.ts';

/** What a security notice contains. */
export type NoticeMessage = {
  kind: 'security_notice';
  to: string;
  notice: SecurityNotice;
  at: Date;
  link: string;
};

/**
 * Prepares an attempt to send a security notice, and counts it. Sends to the email address at the time when it was queued,
 * also for an inactive user, because they need to know about the change.
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
  const [details] = await transaction
    .select({ notice: messages.notice, noticeTo: messages.noticeTo, at: messages.createdAt })
    .from(messages)
    .where(eq(messages.id, message.id));
  if (!details?.notice) return null;
  await countAttempt(transaction, lockedMessage);
  const link = `${settings().publicUrl}/settings/your-account`;
  return {
    kind: 'security_notice',
    // An earlier version did not store the address.
    to: details.noticeTo ?? user.to,
    notice: details.notice as SecurityNotice,
    at: details.at,
    link,
  };
}
