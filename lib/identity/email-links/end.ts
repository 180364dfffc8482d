import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { userLinks } from '#db/schema/user-links.ts';

/**
 * Invalidates all unused email links of a user, in the caller's transaction. The caller has locked the user's row
 * (`lockUser`) or created it.
 * @param reason `replaced`: by a newer link; `withdrawn`: the user does not need the link or must not use it
 * @returns the number of invalidated links
 */
export async function endEmailLinks(
  transaction: Transaction,
  userId: string,
  reason: 'replaced' | 'withdrawn',
): Promise<number> {
  const ended = await transaction
    .update(userLinks)
    .set({ endedAt: sql`now()`, endReason: reason })
    .where(and(eq(userLinks.userId, userId), isNull(userLinks.endedAt)))
    .returning({ id: userLinks.id });
  return ended.length;
}
