import { and, eq, gt, lte, type SQL, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordWebhookEvent } from '#lib/webhook-events/record.ts';

/** After an outage of the worker, an expiry that was longer ago is not recorded any more. */
const LATE_DAYS = 7;
/** How many accounts one transaction locks. */
const BATCH_SIZE = 100;

/** Records that some accounts have expired. Skips accounts that another transaction has locked. Returns their number. */
async function recordBatch(transaction: Transaction, now: SQL): Promise<number> {
  const expired = await transaction
    .select({ id: apiAccounts.id })
    .from(apiAccounts)
    .where(
      and(
        // The predicate of the index `api_accounts_expiry`, and a range of it.
        sql`${apiAccounts.active}`,
        lte(apiAccounts.expiresAt, now),
        gt(apiAccounts.expiresAt, sql`${now} - make_interval(days => ${LATE_DAYS})`),
        sql`${apiAccounts.recordedExpiry} is distinct from ${apiAccounts.expiresAt}`,
      ),
    )
    .limit(BATCH_SIZE)
    .for('update', { skipLocked: true });
  for (const { id } of expired) {
    await transaction
      .update(apiAccounts)
      .set({ recordedExpiry: sql`${apiAccounts.expiresAt}` })
      .where(eq(apiAccounts.id, id));
    recordWebhookEvent(transaction, { type: 'api_account.expired', account: id });
  }
  return expired.length;
}

/**
 * Records that accounts have expired, as webhook events, within seconds. The verifiers refuse their keys on time by
 * themselves.
 * @param now the database's clock; replaced in tests
 */
export async function recordExpiredAccounts(database: Database, now: SQL = sql`now()`): Promise<void> {
  for (let recorded = BATCH_SIZE; recorded === BATCH_SIZE; )
    recorded = await withTransaction(database, (transaction) => recordBatch(transaction, now));
}
