import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import type { Person } from './roles.ts';

/** How long a proof lasts for what asks for a fresh one. */
const PROOF_LASTS = '15 minutes';

/** What is told of a person, by name: no hash rides along. */
export const personColumns = {
  userId: users.id,
  sessionId: sessions.id,
  name: users.name,
  email: users.email,
  role: users.role,
  provenRecently: sql<boolean>`${sessions.provenAt} > now() - ${PROOF_LASTS}::interval`,
};

/** Not ended, seen within 30 minutes, begun within 12 hours, and of someone who may still sign in. */
export function aliveSession(sessionId: string) {
  return and(
    eq(sessions.id, sessionId),
    isNull(sessions.endedAt),
    sql`${sessions.lastSeenAt} > now() - interval '30 minutes'`,
    sql`${sessions.createdAt} > now() - interval '12 hours'`,
    eq(users.active, true),
  );
}

/**
 * Whose session this is, if it is alive. In the same statement it counts as seen now. All times are the database's.
 */
export async function touchSession(
  database: Database,
  sessionId: string,
  address: string,
): Promise<Person | null> {
  const [person] = await database
    .update(sessions)
    .set({ lastSeenAt: sql`now()` })
    .from(users)
    .where(and(eq(users.id, sessions.userId), aliveSession(sessionId)))
    .returning(personColumns);
  return person ? { ...person, address } : null;
}
