import { and, gt, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { accessTokens } from '#db/schema/access-tokens.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { queueOverview } from '#lib/api-accounts/overviews/queue-overview.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import { getToday } from '#lib/notifications/sms/policy.ts';
import { selectReminderDays } from './reminder-days.ts';

/**
 * Queues an email to each administrator if a reminder of the expiry of an access token is due: 14, 7 and 1 days before it
 * expires, and on the day. At most one email a day, which lists all tokens that expire soon. After an outage, only the
 * latest due reminder is queued.
 * @param now the database's clock; replaced in tests
 */
export async function queueTokenReminders(database: Database, now: SQL = sql`now()`): Promise<void> {
  const queue = await getQueue(database.$client);
  await withTransaction(database, async (transaction) => {
    const reminderDays = selectReminderDays(accessTokens.expiresAt, now);
    const isDue = and(
      isNull(accessTokens.revokedAt),
      gt(accessTokens.expiresAt, now),
      sql`${reminderDays} is not null`,
      or(isNull(accessTokens.reminderDays), gt(accessTokens.reminderDays, reminderDays)),
    );
    if ((await transaction.$count(accessTokens, isDue)) === 0) return;
    // Those that become due later on the same day, for example after a change of the time zone, wait for the next day.
    if (!(await queueOverview(transaction, queue, 'token', getToday(now)))) return;
    await transaction.update(accessTokens).set({ reminderDays }).where(isDue);
  });
}
