import { and, eq } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import { matchesActiveSession } from '#lib/identity/sessions/touch-session.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { type LockedUser, lockUser } from './lock-user.ts';

/**
 * Locks the actor's user row for the rest of the transaction. Every change under *Your account* calls it first, so that
 * a request whose session ends in the meantime changes nothing.
 * @returns null if the session is no longer active or the user may no longer sign in
 */
export async function lockActor(
  transaction: Transaction,
  { userId, sessionId }: Pick<CurrentUser, 'userId' | 'sessionId'>,
): Promise<LockedUser | null> {
  const lockedUser = await lockUser(transaction, userId);
  const sessionRows = await transaction
    .select({ id: sessions.id })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(matchesActiveSession(sessionId), eq(sessions.userId, userId)));
  return sessionRows.length > 0 ? lockedUser : null;
}
