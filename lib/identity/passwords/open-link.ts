import { eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { userLinks } from '#db/schema/user-links.ts';
import { users } from '#db/schema/users.ts';
import type { LinkPurpose } from '#lib/identity/email-links/limits.ts';
import { openLink } from '#lib/identity/email-links/open-link.ts';
import { readUserLinkToken } from '#lib/identity/email-links/token.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { hasFactorNow } from './check-for.ts';
import { leastLength } from './schema.ts';

type LinkFound = {
  id: string;
  userId: string;
  purpose: LinkPurpose;
  email: string;
  name: string;
  hasFactor: boolean;
};

/** What stands behind a link by email; null where it is not one of ours, was used or replaced, or is over. */
export async function findUserLink(database: Database, token: string): Promise<LinkFound | null> {
  const id = readUserLinkToken(token, settings().authSecret);
  if (!id) return null;
  const [link] = await database
    .select({ userId: users.id, purpose: userLinks.purpose, email: users.email, name: users.name })
    .from(userLinks)
    .innerJoin(users, eq(users.id, userLinks.userId))
    .where(openLink(id));
  return link ? { id, ...link, hasFactor: await hasFactorNow(database, link.userId) } : null;
}

/** What the page behind a link by email shows. `name`: as it is now, where it is asked for; else null. */
export type UserLinkView = { purpose: LinkPurpose; email: string; name: string | null; least: number };

/**
 * What a link by email is for. It reads and no more: mail scanners open links too.
 * @returns `ended` alike for an unknown, malformed, used or late link
 */
export async function openUserLink(
  database: Database,
  token: string,
): Promise<{ ok: true; link: UserLinkView } | { ok: false; reason: 'ended' }> {
  const found = await findUserLink(database, token);
  if (!found) return { ok: false, reason: 'ended' };
  const { purpose, email, hasFactor } = found;
  const name = purpose === 'invitation' ? found.name : null;
  return { ok: true, link: { purpose, email, name, least: leastLength({ hasFactor }) } };
}
