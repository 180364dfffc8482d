import { eq, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Transaction } from '#db/client.ts';
import { userLinks } from '#db/schema/user-links.ts';
import { users } from '#db/schema/users.ts';
import { countAttempt, dropMessage, lockMessage } from '#lib/notifications/delivery/attempt.ts';
import { settings } from '#lib/platform/config/settings.ts';
import type { LinkPurpose } from './limits.ts';
import { usableLink } from './open-link.ts';
import { userLinkToken } from './token.ts';

/** All that the words of a link by email are made of. */
export type UserLinkMessage = {
  kind: 'user_link';
  to: string;
  purpose: LinkPurpose;
  link: string;
  expiresAt: Date;
  /** The OpenID provider, where it is the only way in: then the link leads there, and needs no token. */
  onlyAt: string | null;
  /** Who asked for the link: their name, or else their address; null: the person, or nobody who is there any more. */
  invitedBy: string | null;
  /** What the person may do here. */
  role: typeof users.$inferSelect.role;
};

const inviter = alias(users, 'inviter');

/**
 * Begins an attempt to send somebody a link: counts it, and finds out to whom it goes and what it says.
 * @returns null where there is nothing to send: sent already, given up, or of no use any more (the link was used,
 *   replaced, withdrawn or is over, the person may not sign in, or passwords are switched off meanwhile)
 */
export async function prepareUserLink(
  transaction: Transaction,
  { id, linkId }: { id: string; linkId: string },
): Promise<UserLinkMessage | null> {
  const held = await lockMessage(transaction, id);
  if (!held) return null;
  const [link] = await transaction
    .select({
      to: users.email,
      purpose: userLinks.purpose,
      expiresAt: userLinks.expiresAt,
      // As they are at this attempt. Where one of the two was changed after an attempt that the provider took and did
      // not answer, Resend knows the key again and says so: it sends nothing twice.
      invitedBy: sql<string | null>`coalesce(nullif(${inviter.name}, ''), ${inviter.email})`,
      role: users.role,
    })
    .from(userLinks)
    .innerJoin(users, eq(users.id, userLinks.userId))
    .leftJoin(inviter, eq(inviter.id, userLinks.createdBy))
    .where(usableLink(linkId));
  const { authSecret, publicUrl, passwordSignIn, singleSignOn } = settings();
  const onlyAt = passwordSignIn ? null : (singleSignOn?.name ?? null);
  if (!link || (onlyAt && link.purpose === 'password_reset')) {
    await dropMessage(transaction, held);
    return null;
  }
  await countAttempt(transaction, held);
  return {
    kind: 'user_link',
    ...link,
    onlyAt,
    link: onlyAt ? `${publicUrl}/sign-in` : `${publicUrl}/set-password#${userLinkToken(linkId, authSecret)}`,
  };
}
