import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { selectUnusedAccounts } from '#lib/api-accounts/select-unused.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import { getToday } from '#lib/notifications/sms/policy.ts';
import { queueOverview } from './queue-overview.ts';

/**
 * Queues the overview of unused accounts for every active administrator, at most once a week, and only if there are any.
 * Weeks begin on Monday in the organisation's time zone.
 * @param now the database's clock; replaced in tests
 */
export async function queueUnusedOverview(database: Database, now: SQL = sql`now()`): Promise<void> {
  const queue = await getQueue(database.$client);
  await withTransaction(database, async (transaction) => {
    const [unused] = await selectUnusedAccounts(transaction, { now, limit: 1 });
    if (!unused) return;
    const monday = sql`date_trunc('week', ${getToday(now)}::timestamp)::date`;
    await queueOverview(transaction, queue, 'unused', monday);
  });
}
