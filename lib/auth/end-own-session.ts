import { and, eq, ne, type SQL, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAct } from '#lib/audit/record.ts';
import { holdPerson } from '#lib/factors/hold-person.ts';
import type { Person } from './roles.ts';
import { aliveSessions } from './touch-session.ts';

type Asking = Pick<Person, 'userId' | 'sessionId' | 'address'>;

/** Ends those of a person's own sessions that are alive and wanted, with one entry on record where there are any. */
async function endOwn(database: Database, { userId, address }: Asking, wanted: SQL): Promise<number> {
  return withTransaction(database, async (transaction) => {
    await holdPerson(transaction, userId);
    const ended = await transaction
      .update(sessions)
      .set({ endedAt: sql`now()`, endedBecause: 'ended_by_user' })
      .from(users)
      .where(and(eq(users.id, sessions.userId), eq(sessions.userId, userId), aliveSessions(), wanted))
      .returning({ id: sessions.id });
    if (ended.length > 0) {
      recordAct(transaction, 'session.ended', {
        userId,
        address,
        details: { sessions: ended.map(({ id }) => id) },
      });
    }
    return ended.length;
  });
}

/**
 * Ends one of a person's own sessions: no request that begins after this has returned is let in with it. One that is
 * somebody else's, is over or never was is `missing` alike.
 */
export async function endOwnSession(
  database: Database,
  person: Asking,
  { id }: { id: string },
): Promise<{ ok: true } | { ok: false; reason: 'missing' }> {
  const ended = await endOwn(database, person, eq(sessions.id, id));
  return ended > 0 ? { ok: true } : { ok: false, reason: 'missing' };
}

/**
 * Ends every session of a person but the one that asks.
 * @returns how many were alive
 */
export async function endOtherSessions(
  database: Database,
  person: Asking,
): Promise<{ ok: true; ended: number }> {
  return { ok: true, ended: await endOwn(database, person, ne(sessions.id, person.sessionId)) };
}
