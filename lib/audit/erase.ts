import { eq, inArray, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { auditErasableDetails, auditEvents } from '#db/schema/audit-events.ts';
import { ERASABLE_DIGEST } from './erasable-details.ts';

/** Deletes the erasable details of all events about an account. Call it with the account's row locked. */
export async function eraseAuditDetails(transaction: Transaction, accountId: string): Promise<void> {
  const eventIds = transaction
    .select({ id: auditEvents.id })
    .from(auditEvents)
    .where(eq(auditEvents.accountId, accountId));
  await transaction.delete(auditErasableDetails).where(inArray(auditErasableDetails.eventId, eventIds));
}

/**
 * Builds a condition: events about the account contain contact details that cannot be erased, because they were recorded
 * before contact details were stored apart.
 */
export const buildHasPermanentDetails = (accountId: SQLWrapper): SQL<boolean> => sql<boolean>`exists (
  select from audit_events earlier where earlier.account_id = ${accountId}
    and earlier.action in ('api_account.created', 'api_account.edited')
    and earlier.details ->> ${ERASABLE_DIGEST}::text is null)`;
