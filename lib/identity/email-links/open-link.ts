import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import { userLinks } from '#db/schema/user-links.ts';
import { users } from '#db/schema/users.ts';

/** Not used, replaced or withdrawn, within its time, and of somebody who is active. For a join of both tables. */
export function usableLink(linkId: string) {
  return and(
    eq(userLinks.id, linkId),
    isNull(userLinks.endedAt),
    gt(userLinks.expiresAt, sql`now()`),
    eq(users.active, true),
  );
}
