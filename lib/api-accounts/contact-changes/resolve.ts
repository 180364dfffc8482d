import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { addressChanges } from '#db/schema/address-changes.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAct } from '#lib/audit/record.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';

/** `missing`: there is no such objection, or somebody has settled it already. */
export type Settled = { ok: true } | { ok: false; reason: 'missing' };

/** Takes down that an administrator has looked into an objection: its notice goes, what was done about it stays. */
export async function settleObjection(
  database: Database,
  { userId, address }: Administrator,
  input: { id: string },
): Promise<Settled> {
  return withTransaction(database, async (transaction): Promise<Settled> => {
    const [settled] = await transaction
      .update(addressChanges)
      .set({ settledAt: sql`now()`, settledBy: userId })
      .where(
        and(
          eq(addressChanges.id, input.id),
          isNotNull(addressChanges.objectedAt),
          isNull(addressChanges.settledAt),
        ),
      )
      .returning({ accountId: addressChanges.accountId });
    if (!settled) return { ok: false, reason: 'missing' };
    const event = { userId, address, accountId: settled.accountId, details: { changeId: input.id } };
    recordAct(transaction, 'address_change.settled', event);
    return { ok: true };
  });
}
