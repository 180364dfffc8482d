import type { PgBoss } from 'pg-boss';
import type { Transaction } from '#db/client.ts';
import type { AuditAction } from '#lib/audit/actions.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { endUserSessions } from '#lib/identity/sessions/end-sessions.ts';
import type { SecurityNotice } from '#lib/notifications/email/security-notices.ts';
import { queueMessage } from '#lib/notifications/queue/queue-message.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import type { LockedUser } from './lock-user.ts';
import { generateRecoveryCodes } from './recovery-codes.ts';

export type FactorChange = { action: AuditAction; notice: SecurityNotice; details?: Record<string, unknown> };

/**
 * Finishes adding or removing a factor: records it, notifies the user by email, and ends their other sessions (OWASP ASVS
 * 5.0, 7.4.3).
 */
export async function finishFactorChange(
  transaction: Transaction,
  queue: PgBoss,
  { userId, sessionId, ipAddress }: CurrentUser,
  { action, notice, details = {} }: FactorChange,
): Promise<void> {
  const sessionsEnded = await endUserSessions(transaction, userId, 'factor_changed', sessionId);
  recordAuditEvent(transaction, action, { userId, ipAddress, details: { ...details, sessionsEnded } });
  await queueMessage(transaction, queue, { kind: 'security_notice', userId, notice });
}

/**
 * Generates recovery codes when a user adds their first passkey or authenticator app.
 * @param userBefore the user as locked before the factor was added
 * @returns null if the user already had a second factor
 */
export async function generateFirstRecoveryCodes(
  transaction: Transaction,
  { userId, ipAddress }: CurrentUser,
  userBefore: LockedUser,
): Promise<string[] | null> {
  if (userBefore.factorCount > 0) return null;
  recordAuditEvent(transaction, 'recovery_codes.made', { userId, ipAddress });
  return generateRecoveryCodes(transaction, userId);
}
