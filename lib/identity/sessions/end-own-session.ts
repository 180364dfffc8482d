import { and, eq, ne, type SQL, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { lockActor } from '#lib/identity/mfa/lock-actor.ts';
import { deletePendingSignIns } from '#lib/identity/sign-in/pending-sign-in.ts';
import {
  type CurrentUser,
  REAUTHENTICATION_REQUIRED,
  type ReauthenticationRequired,
  type Refusal,
  SIGNED_OUT,
} from '#lib/platform/authorization/roles.ts';
import { matchesActiveSessions } from './touch-session.ts';

type Actor = Pick<CurrentUser, 'userId' | 'sessionId' | 'ipAddress' | 'hasRecentAuth'>;

/**
 * Ends the user's own active sessions that match `condition`, and records one audit event if there are any.
 * @param options.includePending whether to delete sign-ins that are waiting for their second step, too
 * @returns the number of ended sessions; null if the actor's session is no longer active
 */
async function endOwnSessions(
  database: Database,
  actor: Actor,
  { condition, includePending = false }: { condition: SQL; includePending?: boolean },
): Promise<number | null> {
  const { userId, ipAddress } = actor;
  return withTransaction(database, async (transaction) => {
    if (!(await lockActor(transaction, actor))) return null;
    const ended = await transaction
      .update(sessions)
      .set({ endedAt: sql`now()`, endReason: 'ended_by_user' })
      .from(users)
      .where(
        and(eq(users.id, sessions.userId), eq(sessions.userId, userId), matchesActiveSessions(), condition),
      )
      .returning({ id: sessions.id });
    if (includePending) await deletePendingSignIns(transaction, userId);
    if (ended.length > 0) {
      recordAuditEvent(transaction, 'session.ended', {
        userId,
        ipAddress,
        details: { sessions: ended.map(({ id }) => id) },
      });
    }
    return ended.length;
  });
}

/**
 * Ends one of the user's own sessions. Every request that begins after this function has returned is refused.
 * Returns `not_found` for another user's session, an ended one and an unknown id.
 */
export async function endOwnSession(
  database: Database,
  actor: Actor,
  { id }: { id: string },
): Promise<{ ok: true } | { ok: false; reason: 'not_found' } | ReauthenticationRequired | Refusal> {
  if (!actor.hasRecentAuth) return REAUTHENTICATION_REQUIRED;
  const sessionsEnded = await endOwnSessions(database, actor, { condition: eq(sessions.id, id) });
  if (sessionsEnded === null) return SIGNED_OUT;
  return sessionsEnded > 0 ? { ok: true } : { ok: false, reason: 'not_found' };
}

/**
 * Ends every session of the user except the actor's. Also deletes the sign-ins that are waiting for their second step,
 * because an attacker may have started them.
 * @returns `sessionsEnded`: the number of ended sessions, without those that had already expired
 */
export async function endOtherSessions(
  database: Database,
  actor: Actor,
): Promise<{ ok: true; sessionsEnded: number } | ReauthenticationRequired | Refusal> {
  if (!actor.hasRecentAuth) return REAUTHENTICATION_REQUIRED;
  const condition = ne(sessions.id, actor.sessionId);
  const sessionsEnded = await endOwnSessions(database, actor, { condition, includePending: true });
  return sessionsEnded === null ? SIGNED_OUT : { ok: true, sessionsEnded };
}
