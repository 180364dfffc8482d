import { and, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#db/client.ts';
import { linkOpenings } from '#db/schema/link-openings.ts';
import { reveals } from '#db/schema/reveals.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { OPENINGS_PER_LINK } from './limits.ts';

/**
 * Writes down that a live link was opened: the first 20 times, whoever opens it how often. It spends nothing and
 * ends nothing.
 * @returns the opening's id; null where the link has ended meanwhile or was opened 20 times
 */
export async function recordOpening(database: Database, revealId: string): Promise<string | null> {
  return withTransaction(database, async (transaction) => {
    const counted = await transaction
      .update(reveals)
      .set({ openings: sql`${reveals.openings} + 1` })
      .where(
        and(
          eq(reveals.id, revealId),
          isNull(reveals.endedAt),
          gt(reveals.expiresAt, sql`now()`),
          lt(reveals.openings, OPENINGS_PER_LINK),
        ),
      )
      .returning({ id: reveals.id });
    if (counted.length === 0) return null;
    const id = uuidv7();
    await transaction.insert(linkOpenings).values({ id, revealId });
    return id;
  });
}
