import { eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { userLinks } from '#db/schema/user-links.ts';
import { users } from '#db/schema/users.ts';
import type { LinkPurpose } from '#lib/identity/email-links/start.ts';
import { matchesUsableLink } from '#lib/identity/email-links/usable-link.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { readLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import { hasSecondFactor } from './check.ts';
import { getMinPasswordLength } from './schema.ts';

type ValidLink = {
  id: string;
  userId: string;
  purpose: LinkPurpose;
  email: string;
  name: string;
  hasFactor: boolean;
};

/** Finds a valid link by its token; null if the token or the link is not valid, or if the link's user is inactive. */
export async function findEmailLink(database: Database, token: string): Promise<ValidLink | null> {
  const id = readLinkToken('emailLink', token, settings().authSecret);
  if (!id) return null;
  const [link] = await database
    .select({ userId: users.id, purpose: userLinks.purpose, email: users.email, name: users.name })
    .from(userLinks)
    .innerJoin(users, eq(users.id, userLinks.userId))
    .where(matchesUsableLink(id));
  return link ? { id, ...link, hasFactor: await hasSecondFactor(database, link.userId) } : null;
}

/** What the page of a link shows. `name`: null unless the page asks for a name. */
export type EmailLinkView = { purpose: LinkPurpose; email: string; name: string | null; minLength: number };

/**
 * Reads the user and the purpose of an email link. Has no side effects, because mail scanners open links too.
 * @returns `invalid_link` if the link is unknown, malformed, used, replaced, withdrawn or expired, or its user is
 *   inactive
 */
export async function readEmailLink(
  database: Database,
  token: string,
): Promise<{ ok: true; link: EmailLinkView } | { ok: false; reason: 'invalid_link' }> {
  const found = await findEmailLink(database, token);
  if (!found) return { ok: false, reason: 'invalid_link' };
  const { purpose, email, hasFactor } = found;
  const name = purpose === 'invitation' ? found.name : null;
  return { ok: true, link: { purpose, email, name, minLength: getMinPasswordLength({ hasFactor }) } };
}
