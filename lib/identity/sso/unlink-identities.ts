import { eq } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Transaction } from '#db/client.ts';
import { identities } from '#db/schema/factors.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { endSessionsOf } from '#lib/identity/sessions/end-sessions.ts';
import { deletePendingSignIns } from '#lib/identity/sign-in/pending-sign-in.ts';
import { queueMessage } from '#lib/notifications/delivery/queue-message.ts';
import { parseIdentity } from './party-of.ts';

type By = {
  /** Null: somebody at the console. */
  userId: string | null;
  address?: string;
  /** The session that stays. */
  keepSession?: string | undefined;
};

/**
 * Takes away somebody's accounts at providers, also at one of earlier settings, in the act's own transaction, with what
 * goes with it: their sessions and half sign-ins are over, it is on record, and they are told by email. Its caller
 * holds the lock of `lockUsers`, as single sign-on does, and the person's row.
 * @returns false where they have none, and nothing was done
 */
export async function unlinkIdentities(
  transaction: Transaction,
  sender: PgBoss,
  targetUserId: string,
  { keepSession, ...by }: By,
): Promise<boolean> {
  const removed = await transaction
    .delete(identities)
    .where(eq(identities.userId, targetUserId))
    .returning({ issuerAndSubject: identities.issuerAndSubject });
  if (removed.length === 0) return false;
  const sessionsEnded = await endSessionsOf(transaction, targetUserId, 'factor_changed', keepSession);
  await deletePendingSignIns(transaction, targetUserId);
  for (const { issuerAndSubject } of removed) {
    const details = { ...parseIdentity(issuerAndSubject), sessionsEnded };
    recordAuditEvent(transaction, 'identity.forgotten', { ...by, targetUserId, details });
  }
  const notice = { userId: targetUserId, notice: 'single_sign_on_forgotten' } as const;
  await queueMessage(transaction, sender, { kind: 'security_notice', ...notice });
  return true;
}
