import { and, eq, isNull, ne, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';

export type EndedBecause = NonNullable<typeof sessions.$inferSelect.endedBecause>;

/**
 * Ends a person's sessions in the act's own transaction: no request that begins after its commit is let in with one.
 * @param except the session that stays, such as the one in which a password was changed
 * @returns how many were ended
 */
export async function endSessionsOf(
  transaction: Transaction,
  userId: string,
  because: EndedBecause,
  except?: string,
): Promise<number> {
  const ended = await transaction
    .update(sessions)
    .set({ endedAt: sql`now()`, endedBecause: because })
    .where(
      and(
        eq(sessions.userId, userId),
        isNull(sessions.endedAt),
        except === undefined ? undefined : ne(sessions.id, except),
      ),
    )
    .returning({ id: sessions.id });
  return ended.length;
}
