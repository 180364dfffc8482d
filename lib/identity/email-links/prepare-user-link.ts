import { eq, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Transaction } from '#db/client.ts';
import { userLinks } from '#db/schema/user-links.ts';
import { users } from '#db/schema/users.ts';
import { countAttempt, dropMessage, lockMessage } from '#lib/notifications/delivery/queued-message.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import type { LinkPurpose } from './start.ts';
import { usableLink } from './usable-link.ts';

/** What the email with a link contains. */
export type UserLinkMessage = {
  kind: 'user_link';
  to: string;
  purpose: LinkPurpose;
  link: string;
  expiresAt: Date;
  /** The OpenID provider if it is the only sign-in method: the link then leads to the sign-in page, without a token. */
  ssoOnlyProvider: string | null;
  /** The name, or else the email address, of the inviting administrator; null: the user's own request, or a deleted user. */
  invitedBy: string | null;
  /** The invited user's role. */
  role: typeof users.$inferSelect.role;
};

const inviter = alias(users, 'inviter');

/**
 * Prepares an attempt to send a link, and counts it.
 * @returns null if there is nothing to send: the message was sent or abandoned, the link has ended or expired, the user is
 *   inactive, or local authentication has been disabled
 */
export async function prepareUserLink(
  transaction: Transaction,
  { id, linkId }: { id: string; linkId: string },
): Promise<UserLinkMessage | null> {
  const message = await lockMessage(transaction, id);
  if (!message) return null;
  const [link] = await transaction
    .select({
      to: users.email,
      purpose: userLinks.purpose,
      expiresAt: userLinks.expiresAt,
      // Values at this attempt. If one changed after an attempt whose response was lost, Resend recognises the
      // idempotency key and does not send again.
      invitedBy: sql<string | null>`coalesce(nullif(${inviter.name}, ''), ${inviter.email})`,
      role: users.role,
    })
    .from(userLinks)
    .innerJoin(users, eq(users.id, userLinks.userId))
    .leftJoin(inviter, eq(inviter.id, userLinks.createdBy))
    .where(usableLink(linkId));
  const { authSecret, publicUrl, passwordSignIn, singleSignOn } = settings();
  const ssoOnlyProvider = passwordSignIn ? null : (singleSignOn?.name ?? null);
  if (!link || (ssoOnlyProvider && link.purpose === 'password_reset')) {
    await dropMessage(transaction, message);
    return null;
  }
  await countAttempt(transaction, message);
  return {
    kind: 'user_link',
    ...link,
    ssoOnlyProvider,
    link: ssoOnlyProvider
      ? `${publicUrl}/sign-in`
      : `${publicUrl}/set-password#${createLinkToken('emailLink', linkId, authSecret)}`,
  };
}
