import { eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { aliveSession, currentUserColumns, toCurrentUser } from './touch-session.ts';

/**
 * Whose session this is, if it is alive, without counting it as seen: for what a page asks by itself, which must not
 * keep a session alive that nobody uses.
 */
export async function readSession(
  database: Database,
  sessionId: string,
  address: string,
): Promise<CurrentUser | null> {
  const [person] = await database
    .select(currentUserColumns)
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(aliveSession(sessionId));
  return person ? toCurrentUser(person, address) : null;
}
