import { and, eq } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import { aliveSession } from '#lib/identity/sessions/touch-session.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { type LockedUser, lockUser } from './lock-user.ts';

/**
 * Holds the row of whoever asks, until the transaction ends. Every act of a person on their own account begins with it:
 * a request that was under way when its session was ended gets no further.
 * @returns null where the session is over by now, or the person may not sign in any more
 */
export async function lockActor(
  transaction: Transaction,
  { userId, sessionId }: Pick<CurrentUser, 'userId' | 'sessionId'>,
): Promise<LockedUser | null> {
  const held = await lockUser(transaction, userId);
  const alive = await transaction
    .select({ id: sessions.id })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(aliveSession(sessionId), eq(sessions.userId, userId)));
  return alive.length > 0 ? held : null;
}
