import type { Database } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { endUserSessions } from '#lib/identity/sessions/end-sessions.ts';
import { deletePendingSignIns } from '#lib/identity/sign-in/pending-sign-in.ts';
import type { Administrator, Refusal } from '#lib/platform/authorization/roles.ts';
import { lockAdministrators } from './last-administrator.ts';
import type { UserId } from './schema.ts';

/** `stayed`: they did it to themselves, and are still signed in where they did. */
export type SignOutUserResult =
  | { ok: true; ended: number; stayed: boolean }
  | { ok: false; reason: 'missing' }
  | Refusal;

/**
 * Signs somebody out everywhere; an administrator who does it to themselves stays where they are. It takes no fresh
 * proof, since it gives nobody anything and is wanted in a hurry.
 */
export function signUserOut(
  database: Database,
  administrator: Administrator,
  { id }: UserId,
): Promise<SignOutUserResult> {
  const { userId, sessionId, address } = administrator;
  return withTransaction(database, async (transaction) => {
    const refused = await lockAdministrators(transaction, administrator);
    if (refused) return refused;
    if (!(await lockUser(transaction, id))) return { ok: false, reason: 'missing' };
    const stayed = id === userId;
    const present = stayed ? sessionId : undefined;
    const ended = await endUserSessions(transaction, id, 'ended_by_administrator', present);
    await deletePendingSignIns(transaction, id);
    const details = { sessionsEnded: ended };
    recordAuditEvent(transaction, 'user.signed_out', { userId, targetUserId: id, address, details });
    return { ok: true, ended, stayed };
  });
}
