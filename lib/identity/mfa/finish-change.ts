import type { PgBoss } from 'pg-boss';
import type { Transaction } from '#db/client.ts';
import type { AuditAction } from '#lib/audit/actions.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { endSessionsOf } from '#lib/identity/sessions/end-sessions.ts';
import { queueMessage } from '#lib/notifications/delivery/queue-message.ts';
import type { SecurityNotice } from '#lib/notifications/email/security-notices.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import type { LockedUser } from './lock-user.ts';
import { generateRecoveryCodes } from './recovery-codes.ts';

type Change = { act: AuditAction; notice: SecurityNotice; details?: Record<string, unknown> };

/**
 * What goes with every factor that comes or goes: it is put on record, the person is told by email, and whoever is
 * signed in as them elsewhere is signed out (OWASP ASVS 5.0, 7.4.3).
 */
export async function finishChange(
  transaction: Transaction,
  sender: PgBoss,
  { userId, sessionId, address }: CurrentUser,
  { act, notice, details = {} }: Change,
): Promise<void> {
  const sessionsEnded = await endSessionsOf(transaction, userId, 'factor_changed', sessionId);
  recordAuditEvent(transaction, act, { userId, address, details: { ...details, sessionsEnded } });
  await queueMessage(transaction, sender, { kind: 'security_notice', userId, notice });
}

/**
 * The recovery codes that come with a person's first factor.
 * @param held as the person was before it
 * @returns null where there was one already
 */
export async function firstRecoveryCodes(
  transaction: Transaction,
  { userId, address }: CurrentUser,
  held: LockedUser,
): Promise<string[] | null> {
  if (held.factors > 0) return null;
  recordAuditEvent(transaction, 'recovery_codes.made', { userId, address });
  return generateRecoveryCodes(transaction, userId);
}
