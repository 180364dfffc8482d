import { eq } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';
import { users } from '#db/schema/users.ts';
import { countAttempt, lockMessage } from '#lib/notifications/delivery/attempt.ts';
import type { SecurityNotice } from '#lib/notifications/email/security-notices.ts';
import { settings } from '#lib/platform/config/settings.ts';

/** All that the words of a security notice are made of. */
export type NoticeMessage = {
  kind: 'security_notice';
  to: string;
  notice: SecurityNotice;
  at: Date;
  link: string;
};

/**
 * Begins an attempt to send a security notice: counts it, and finds out to whom it goes: where the person was
 * reached when it was queued. It is sent to whoever may not sign in any more, too: they have a right to know.
 * @returns null where there is nothing to send
 */
export async function prepareNotice(
  transaction: Transaction,
  message: { id: string; userId: string },
): Promise<NoticeMessage | null> {
  const [user] = await transaction
    .select({ to: users.email })
    .from(users)
    .where(eq(users.id, message.userId));
  const lockedUser = await lockMessage(transaction, message.id);
  if (!user || !lockedUser) return null;
  const [about] = await transaction
    .select({ notice: messages.notice, noticeTo: messages.noticeTo, at: messages.createdAt })
    .from(messages)
    .where(eq(messages.id, message.id));
  if (!about?.notice) return null;
  await countAttempt(transaction, lockedUser);
  const link = `${settings().publicUrl}/settings/your-account`;
  return {
    kind: 'security_notice',
    // An earlier version wrote no address down.
    to: about.noticeTo ?? user.to,
    notice: about.notice as SecurityNotice,
    at: about.at,
    link,
  };
}
