import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import { userLinks } from '#db/schema/user-links.ts';
import { users } from '#db/schema/users.ts';

/** Matches this link if it is valid and its user is active. The query must join `users`. */
export function matchesUsableLink(linkId: string) {
  return and(
    eq(userLinks.id, linkId),
    isNull(userLinks.endedAt),
    gt(userLinks.expiresAt, sql`now()`),
    eq(users.active, true),
  );
}
