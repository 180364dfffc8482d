import { eq } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Transaction } from '#db/client.ts';
import { identities } from '#db/schema/factors.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { endUserSessions } from '#lib/identity/sessions/end-sessions.ts';
import { deletePendingSignIns } from '#lib/identity/sign-in/pending-sign-in.ts';
import { queueMessage } from '#lib/notifications/queue/queue-message.ts';
import { parseIdentity } from './identities.ts';

type UnlinkOptions = {
  /** The administrator who unlinks; null if it is the command line. */
  userId: string | null;
  ipAddress?: string;
  /** Id of the session to keep. */
  keepSession?: string | undefined;
};

/**
 * Unlinks a user's accounts at all providers, including those of earlier settings, in the caller's transaction. Ends
 * their sessions, deletes their pending sign-ins, records the change, and notifies them by email. The caller has called
 * `lockUsers` (or `lockUsersAsAdministrator`, which calls it), so that no single sign-on runs at the same time, and has locked
 * the user's row.
 * @returns false, without a change, if no account is linked
 */
export async function unlinkIdentities(
  transaction: Transaction,
  queue: PgBoss,
  targetUserId: string,
  { keepSession, ...event }: UnlinkOptions,
): Promise<boolean> {
  const removed = await transaction
    .delete(identities)
    .where(eq(identities.userId, targetUserId))
    .returning({ issuerAndSubject: identities.issuerAndSubject });
  if (removed.length === 0) return false;
  const sessionsEnded = await endUserSessions(transaction, targetUserId, 'factor_changed', keepSession);
  await deletePendingSignIns(transaction, targetUserId);
  for (const { issuerAndSubject } of removed) {
    const details = { ...parseIdentity(issuerAndSubject), sessionsEnded };
    recordAuditEvent(transaction, 'identity.forgotten', { ...event, targetUserId, details });
  }
  const notice = { userId: targetUserId, notice: 'single_sign_on_unlinked' } as const;
  await queueMessage(transaction, queue, { kind: 'security_notice', ...notice });
  return true;
}
