import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import { userLinks } from '#db/schema/user-links.ts';
import { users } from '#db/schema/users.ts';

/** Selects a link that has neither ended nor expired, and whose user is active. Needs `users` in the query. */
export function usableLink(linkId: string) {
  return and(
    eq(userLinks.id, linkId),
    isNull(userLinks.endedAt),
    gt(userLinks.expiresAt, sql`now()`),
    eq(users.active, true),
  );
}
