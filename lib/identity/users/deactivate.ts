import type { Transaction } from '#db/client.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { endUserLinks } from '#lib/identity/email-links/end.ts';
import { endUserSessions } from '#lib/identity/sessions/end-sessions.ts';
import { deletePendingSignIns } from '#lib/identity/sign-in/pending-sign-in.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';

/**
 * What goes with somebody who may not sign in any more: no session, no link by email and no half sign-in is left. Part
 * of `updateUser`, which holds their row and makes it inactive.
 */
export async function deactivate(
  transaction: Transaction,
  { userId, address }: Administrator,
  id: string,
): Promise<void> {
  const sessionsEnded = await endUserSessions(transaction, id, 'deactivated');
  await endUserLinks(transaction, id, 'withdrawn');
  await deletePendingSignIns(transaction, id);
  const details = { sessionsEnded };
  recordAuditEvent(transaction, 'user.deactivated', { userId, targetUserId: id, address, details });
}
