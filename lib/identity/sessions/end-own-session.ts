import { and, eq, ne, type SQL, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { lockActor } from '#lib/identity/mfa/lock-actor.ts';
import { deletePendingSignIns } from '#lib/identity/sign-in/pending-sign-in.ts';
import { type CurrentUser, type Refusal, SIGNED_OUT } from '#lib/platform/authorization/roles.ts';
import { activeSessions } from './touch-session.ts';

type Actor = Pick<CurrentUser, 'userId' | 'sessionId' | 'address'>;

/**
 * Ends the user's own active sessions that match `condition`, and records one audit event if there are any.
 * @param includePending also deletes sign-ins that are waiting for their second step
 * @returns the number of ended sessions; null if the actor's session is no longer active
 */
async function endOwnSessions(
  database: Database,
  actor: Actor,
  { condition, includePending = false }: { condition: SQL; includePending?: boolean },
): Promise<number | null> {
  const { userId, address } = actor;
  return withTransaction(database, async (transaction) => {
    if (!(await lockActor(transaction, actor))) return null;
    const ended = await transaction
      .update(sessions)
      .set({ endedAt: sql`now()`, endReason: 'ended_by_user' })
      .from(users)
      .where(and(eq(users.id, sessions.userId), eq(sessions.userId, userId), activeSessions(), condition))
      .returning({ id: sessions.id });
    if (includePending) await deletePendingSignIns(transaction, userId);
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
 * Ends one of the user's own sessions: every request that begins after this returns is refused.
 * Returns `missing` for another user's session, an ended one and an unknown id.
 */
export async function endOwnSession(
  database: Database,
  actor: Actor,
  { id }: { id: string },
): Promise<{ ok: true } | { ok: false; reason: 'missing' } | Refusal> {
  const ended = await endOwnSessions(database, actor, { condition: eq(sessions.id, id) });
  if (ended === null) return SIGNED_OUT;
  return ended > 0 ? { ok: true } : { ok: false, reason: 'missing' };
}

/**
 * Ends every session of the user except the actor's, and every sign-in that is waiting for its second step: an attacker
 * may have started it.
 * @returns the number of sessions that were active
 */
export async function endOtherSessions(
  database: Database,
  actor: Actor,
): Promise<{ ok: true; ended: number } | Refusal> {
  const condition = ne(sessions.id, actor.sessionId);
  const ended = await endOwnSessions(database, actor, { condition, includePending: true });
  return ended === null ? SIGNED_OUT : { ok: true, ended };
}
