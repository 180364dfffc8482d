import { eq, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Transaction } from '#db/client.ts';
import { userLinks } from '#db/schema/user-links.ts';
import { users } from '#db/schema/users.ts';
import { countAttempt, dropMessage, lockMessage } from '#lib/notifications/delivery/queued-message.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import type { LinkPurpose } from './start.ts';
import { matchesUsableLink } from './usable-link.ts';

/** The content of the email with a link. */
export type EmailLinkMessage = {
  kind: 'user_link';
  to: string;
  purpose: LinkPurpose;
  link: string;
  expiresAt: Date;
  /**
   * Name of the OpenID provider if it is the only sign-in method. The link then leads to the sign-in page, without a
   * token.
   */
  ssoOnlyProvider: string | null;
  /**
   * Name of the administrator who requested the link, or their email address if they have no name. Null if there was
   * none, or if they were deleted.
   */
  invitedBy: string | null;
  /** The recipient's role. */
  role: typeof users.$inferSelect.role;
};

const inviter = alias(users, 'inviter');

/**
 * Prepares an attempt to send a link, and counts it.
 * @returns null if there is nothing to send: the message is no longer queued, the link is no longer valid, the user is
 *   inactive, or it is a password reset and local authentication is disabled
 */
export async function prepareEmailLink(
  transaction: Transaction,
  { id, linkId }: { id: string; linkId: string },
): Promise<EmailLinkMessage | null> {
  const message = await lockMessage(transaction, id);
  if (!message) return null;
  const [link] = await transaction
    .select({
      to: users.email,
      purpose: userLinks.purpose,
      expiresAt: userLinks.expiresAt,
      // May differ between attempts. Resend still sends the email only once, because the idempotency key is the same.
      invitedBy: sql<string | null>`coalesce(nullif(${inviter.name}, ''), ${inviter.email})`,
      role: users.role,
    })
    .from(userLinks)
    .innerJoin(users, eq(users.id, userLinks.userId))
    .leftJoin(inviter, eq(inviter.id, userLinks.createdBy))
    .where(matchesUsableLink(linkId));
  const { authSecret, publicUrl, isLocalAuthEnabled, singleSignOn } = settings();
  const ssoOnlyProvider = isLocalAuthEnabled ? null : (singleSignOn?.name ?? null);
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
