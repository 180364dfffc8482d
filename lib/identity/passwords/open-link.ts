import { eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { userLinks } from '#db/schema/user-links.ts';
import { users } from '#db/schema/users.ts';
import type { LinkPurpose } from '#lib/identity/email-links/start.ts';
import { usableLink } from '#lib/identity/email-links/usable-link.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { readLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import { hasSecondFactor } from './check.ts';
import { minPasswordLength } from './schema.ts';

type UserLink = {
  id: string;
  userId: string;
  purpose: LinkPurpose;
  email: string;
  name: string;
  hasFactor: boolean;
};

/** Finds a usable link by its token; null if it is malformed, unknown, used, replaced or expired. */
export async function findUserLink(database: Database, token: string): Promise<UserLink | null> {
  const id = readLinkToken('emailLink', token, settings().authSecret);
  if (!id) return null;
  const [link] = await database
    .select({ userId: users.id, purpose: userLinks.purpose, email: users.email, name: users.name })
    .from(userLinks)
    .innerJoin(users, eq(users.id, userLinks.userId))
    .where(usableLink(id));
  return link ? { id, ...link, hasFactor: await hasSecondFactor(database, link.userId) } : null;
}

/** What the page behind a link shows. `name`: null unless the page asks for it. */
export type UserLinkView = { purpose: LinkPurpose; email: string; name: string | null; minLength: number };

/**
 * Reads what a link by email is for. Changes nothing, because mail scanners open links too.
 * @returns `ended` if the link is unknown, malformed, used or expired
 */
export async function openUserLink(
  database: Database,
  token: string,
): Promise<{ ok: true; link: UserLinkView } | { ok: false; reason: 'ended' }> {
  const found = await findUserLink(database, token);
  if (!found) return { ok: false, reason: 'ended' };
  const { purpose, email, hasFactor } = found;
  const name = purpose === 'invitation' ? found.name : null;
  return { ok: true, link: { purpose, email, name, minLength: minPasswordLength({ hasFactor }) } };
}
