import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { userLinks } from '#db/schema/user-links.ts';

/**
 * Ends all links by email that somebody still has, in the act's own transaction: what the link could do has been done
 * in another way, or must not be done any more. Its caller holds the person's row (`lockUser`).
 * @returns how many were ended
 */
export async function endUserLinks(
  transaction: Transaction,
  userId: string,
  because: 'replaced' | 'withdrawn',
): Promise<number> {
  const ended = await transaction
    .update(userLinks)
    .set({ endedAt: sql`now()`, endedBecause: because })
    .where(and(eq(userLinks.userId, userId), isNull(userLinks.endedAt)))
    .returning({ id: userLinks.id });
  return ended.length;
}
