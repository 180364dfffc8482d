import type { Database } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { endUserSessions } from '#lib/identity/sessions/end-sessions.ts';
import { deletePendingSignIns } from '#lib/identity/sign-in/pending-sign-in.ts';
import type { Administrator, ReauthenticationRequired, Refusal } from '#lib/platform/authorization/roles.ts';
import { lockUsersAsAdministrator } from './last-administrator.ts';
import type { UserIdInput } from './schema.ts';

/** `keptOwnSession`: the administrator ended their own other sessions, and is still signed in here. */
export type SignOutUserResult =
  | { ok: true; sessionsEnded: number; keptOwnSession: boolean }
  | { ok: false; reason: 'not_found' }
  | ReauthenticationRequired
  | Refusal;

/**
 * Ends all sessions of a user, except the administrator's current one, and deletes the user's pending sign-ins.
 * Requires recent authentication (OWASP ASVS 5.0, 7.5.2).
 */
export async function signUserOut(
  database: Database,
  administrator: Administrator,
  { id }: UserIdInput,
): Promise<SignOutUserResult> {
  if (!administrator.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const { userId, sessionId, ipAddress } = administrator;
  return withTransaction(database, async (transaction) => {
    const refusal = await lockUsersAsAdministrator(transaction, administrator);
    if (refusal) return refusal;
    if (!(await lockUser(transaction, id))) return { ok: false, reason: 'not_found' };
    const keptOwnSession = id === userId;
    const keptSession = keptOwnSession ? sessionId : undefined;
    const sessionsEnded = await endUserSessions(transaction, id, 'ended_by_administrator', keptSession);
    await deletePendingSignIns(transaction, id);
    const details = { sessionsEnded };
    recordAuditEvent(transaction, 'user.signed_out', { userId, targetUserId: id, ipAddress, details });
    return { ok: true, sessionsEnded, keptOwnSession };
  });
}
