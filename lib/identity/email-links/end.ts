import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { userLinks } from '#db/schema/user-links.ts';

/**
 * Ends all open links by email of a user, in the caller's transaction. The caller has locked the user's row (`lockUser`).
 * @returns the number of ended links
 */
export async function endUserLinks(
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
