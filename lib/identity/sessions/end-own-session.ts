import { and, eq, ne, type SQL, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { lockActor } from '#lib/identity/mfa/lock-actor.ts';
import { deletePendingSignIns } from '#lib/identity/sign-in/pending-sign-in.ts';
import { type CurrentUser, type Refusal, SIGNED_OUT } from '#lib/platform/authorization/roles.ts';
import { aliveSessions } from './touch-session.ts';

type Asking = Pick<CurrentUser, 'userId' | 'sessionId' | 'address'>;

/**
 * Ends those of a person's own sessions that are alive and wanted, with one entry on record where there are any.
 * @param halfToo sign-ins that await their second step, too
 * @returns how many; null where the session that asks is over
 */
async function endOwn(
  database: Database,
  asking: Asking,
  { wanted, halfToo = false }: { wanted: SQL; halfToo?: boolean },
): Promise<number | null> {
  const { userId, address } = asking;
  return withTransaction(database, async (transaction) => {
    if (!(await lockActor(transaction, asking))) return null;
    const ended = await transaction
      .update(sessions)
      .set({ endedAt: sql`now()`, endedBecause: 'ended_by_user' })
      .from(users)
      .where(and(eq(users.id, sessions.userId), eq(sessions.userId, userId), aliveSessions(), wanted))
      .returning({ id: sessions.id });
    if (halfToo) await deletePendingSignIns(transaction, userId);
    if (ended.length > 0) {
      recordAuditEvent(transaction, 'session.ended', {
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
): Promise<{ ok: true } | { ok: false; reason: 'missing' } | Refusal> {
  const ended = await endOwn(database, person, { wanted: eq(sessions.id, id) });
  if (ended === null) return SIGNED_OUT;
  return ended > 0 ? { ok: true } : { ok: false, reason: 'missing' };
}

/**
 * Ends every session of a person but the one that asks, and every sign-in that awaits its second step: it may be
 * somebody else's.
 * @returns how many were alive
 */
export async function endOtherSessions(
  database: Database,
  person: Asking,
): Promise<{ ok: true; ended: number } | Refusal> {
  const ended = await endOwn(database, person, { wanted: ne(sessions.id, person.sessionId), halfToo: true });
  return ended === null ? SIGNED_OUT : { ok: true, ended };
}
