import type { Transaction } from '#db/client.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';

/**
 * What goes with somebody who may sign in again: the act on record, and nothing comes back that was ended. Part of
 * `updateUser`, which holds their row and makes it active.
 */
export function reactivate(transaction: Transaction, { userId, address }: Administrator, id: string): void {
  recordAuditEvent(transaction, 'user.reactivated', { userId, targetUserId: id, address });
}
