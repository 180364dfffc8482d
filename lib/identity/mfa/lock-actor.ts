import { and, eq } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import { activeSession } from '#lib/identity/sessions/touch-session.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { type LockedUser, lockUser } from './lock-user.ts';

/**
 * Locks the actor's user row for the rest of the transaction. Every action on the user's own account starts with it, so
 * that a request whose session ends meanwhile changes nothing.
 * @returns null if the session is no longer active or the user may no longer sign in
 */
export async function lockActor(
  transaction: Transaction,
  { userId, sessionId }: Pick<CurrentUser, 'userId' | 'sessionId'>,
): Promise<LockedUser | null> {
  const lockedUser = await lockUser(transaction, userId);
  const active = await transaction
    .select({ id: sessions.id })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(activeSession(sessionId), eq(sessions.userId, userId)));
  return active.length > 0 ? lockedUser : null;
}
