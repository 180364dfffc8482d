import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import type { Person } from './roles.ts';

/**
 * Whose session this is, if it is alive: not ended, seen within 30 minutes, begun within 12 hours, and of
 * someone who may still sign in. In the same statement it counts as seen now. All times are the database's.
 */
export async function touchSession(database: Database, sessionId: string): Promise<Person | null> {
  const [person] = await database
    .update(sessions)
    .set({ lastSeenAt: sql`now()` })
    .from(users)
    .where(
      and(
        eq(sessions.id, sessionId),
        eq(users.id, sessions.userId),
        isNull(sessions.endedAt),
        sql`${sessions.lastSeenAt} > now() - interval '30 minutes'`,
        sql`${sessions.createdAt} > now() - interval '12 hours'`,
        eq(users.active, true),
      ),
    )
    .returning({
      userId: users.id,
      sessionId: sessions.id,
      name: users.name,
      email: users.email,
      role: users.role,
    });
  return person ?? null;
}
