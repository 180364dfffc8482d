import { and, eq, isNull, ne, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';

export type SessionEndReason = NonNullable<typeof sessions.$inferSelect.endReason>;

/**
 * Ends a user's sessions in the caller's transaction: every request that begins after its commit is refused.
 * @param except the session to keep, such as the one in which the password was changed
 * @returns the number of ended sessions
 */
export async function endUserSessions(
  transaction: Transaction,
  userId: string,
  reason: SessionEndReason,
  except?: string,
): Promise<number> {
  const ended = await transaction
    .update(sessions)
    .set({ endedAt: sql`now()`, endReason: reason })
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
