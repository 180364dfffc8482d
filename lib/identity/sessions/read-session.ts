import { eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import type { Person } from '#lib/platform/authorization/roles.ts';
import { aliveSession, personColumns, personOf } from './touch-session.ts';

/**
 * Whose session this is, if it is alive, without counting it as seen: for what a page asks by itself, which must not
 * keep a session alive that nobody uses.
 */
export async function readSession(
  database: Database,
  sessionId: string,
  address: string,
): Promise<Person | null> {
  const [person] = await database
    .select(personColumns)
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(aliveSession(sessionId));
  return person ? personOf(person, address) : null;
}
