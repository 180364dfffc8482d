import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { contactChanges } from '#db/schema/contact-changes.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';

/** `missing`: there is no such objection, or somebody has settled it already. */
export type ResolveResult = { ok: true } | { ok: false; reason: 'missing' };

/** Takes down that an administrator has looked into an objection: its notice goes, what was done about it stays. */
export async function resolveReport(
  database: Database,
  { userId, address }: Administrator,
  input: { id: string },
): Promise<ResolveResult> {
  return withTransaction(database, async (transaction): Promise<ResolveResult> => {
    const [settled] = await transaction
      .update(contactChanges)
      .set({ settledAt: sql`now()`, settledBy: userId })
      .where(
        and(
          eq(contactChanges.id, input.id),
          isNotNull(contactChanges.objectedAt),
          isNull(contactChanges.settledAt),
        ),
      )
      .returning({ accountId: contactChanges.accountId });
    if (!settled) return { ok: false, reason: 'missing' };
    const event = { userId, address, accountId: settled.accountId, details: { changeId: input.id } };
    recordAuditEvent(transaction, 'address_change.settled', event);
    return { ok: true };
  });
}
