import { eq, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { expiryReminders } from '#db/schema/expiry.ts';
import { countAttempt, dropMessage, lockMessage } from '#lib/notifications/delivery/queued-message.ts';

/** The data that a reminder to an integrator is rendered from. */
export type ExpiryReminderMessage = {
  kind: 'expiry_reminder';
  to: string;
  username: string;
  expiresAt: Date;
};

/** Selects whether a reminder still applies to its account: that is active and has the same expiry. */
export const isReminderCurrent = sql<boolean>`(${apiAccounts.active}
  and ${apiAccounts.expiresAt} is not distinct from ${expiryReminders.expiresAt})`;

/**
 * Counts a delivery attempt of a reminder, and builds it. It goes to the account's current email address.
 * @returns null if there is nothing to send: the message was sent, abandoned or dropped, or is dropped now, because the
 *   account has another expiry or is inactive; or the account was deleted
 */
export async function prepareExpiryReminder(
  transaction: Transaction,
  { id, reminderId }: { id: string; reminderId: string },
): Promise<ExpiryReminderMessage | null> {
  const [reminder] = await transaction
    .select({
      to: apiAccounts.email,
      username: apiAccounts.username,
      expiresAt: expiryReminders.expiresAt,
      isCurrent: isReminderCurrent,
    })
    .from(expiryReminders)
    .innerJoin(apiAccounts, eq(apiAccounts.id, expiryReminders.accountId))
    .where(eq(expiryReminders.id, reminderId));
  if (!reminder) return null;
  const locked = await lockMessage(transaction, id);
  if (!locked) return null;
  const { isCurrent, ...content } = reminder;
  if (!isCurrent) {
    await dropMessage(transaction, locked);
    return null;
  }
  await countAttempt(transaction, locked);
  return { kind: 'expiry_reminder', ...content };
}
