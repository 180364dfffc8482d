import { and, eq, isNull, ne, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';

export type SessionEndReason = NonNullable<typeof sessions.$inferSelect.endReason>;

/**
 * Ends a user's sessions in the caller's transaction. Every request that begins after the commit is refused.
 * @param keepSession id of the session to keep, such as the one in which the password was changed
 * @returns the number of ended sessions, including expired ones
 */
export async function endUserSessions(
  transaction: Transaction,
  userId: string,
  reason: SessionEndReason,
  keepSession?: string,
): Promise<number> {
  const ended = await transaction
    .update(sessions)
    .set({ endedAt: sql`now()`, endReason: reason })
    .where(
      and(
        eq(sessions.userId, userId),
        isNull(sessions.endedAt),
        keepSession === undefined ? undefined : ne(sessions.id, keepSession),
      ),
    )
    .returning({ id: sessions.id });
  return ended.length;
}
