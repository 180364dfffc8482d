import { and, eq, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordWebhookEvent } from '#lib/webhook-events/record.ts';

/** How many first uses the worker records in one transaction. */
const BATCH_SIZE = 100;

/** Records the first uses of some keys. Skips accounts that another transaction has locked. Returns their number. */
async function recordBatch(transaction: Transaction): Promise<number> {
  const used = await transaction
    .select({ id: apiAccounts.id, usedAt: apiAccountUsage.currentKeyUsedAt })
    .from(apiAccounts)
    .innerJoin(apiAccountUsage, eq(apiAccountUsage.accountId, apiAccounts.id))
    // The first condition is that of the partial index, which has few rows.
    .where(
      and(
        sql`${apiAccounts.isFirstUseAwaited}`,
        sql`${apiAccountUsage.currentKeyUsedAt} >= ${apiAccounts.keyGeneratedAt}`,
      ),
    )
    .limit(BATCH_SIZE)
    .for('update', { of: apiAccounts, skipLocked: true });
  for (const { id, usedAt } of used) {
    await transaction.update(apiAccounts).set({ isFirstUseAwaited: false }).where(eq(apiAccounts.id, id));
    recordWebhookEvent(transaction, { type: 'api_key.first_used', account: id, data: { usedAt } });
  }
  return used.length;
}

/** Records the first uses of new keys, which verifiers have written, as webhook events. */
export async function recordFirstUses(database: Database): Promise<void> {
  for (let recorded = BATCH_SIZE; recorded === BATCH_SIZE; )
    recorded = await withTransaction(database, recordBatch);
}
