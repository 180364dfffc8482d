import { sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { smsCounts } from '#db/schema/sms-policy.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { ALL_ACCOUNTS, getStartOfTomorrow, getToday, readSmsPolicy } from './policy.ts';
import type { SmsUsage } from './schema.ts';

type TodaysCounts = { queued: number; blocked: number; resetsAt: string };

/** Reads how much of today's limit for all accounts is used, and when the next day begins. */
export async function readSmsUsage(database: Queryable): Promise<SmsUsage> {
  const { perDay } = await readSmsPolicy(database);
  // One statement reads the counts and the date, so that both are of the same day. A day without SMS has no row.
  const { rows } = await database.execute<TodaysCounts>(sql`
    select coalesce(sum(${smsCounts.queued}), 0)::int as queued, coalesce(sum(${smsCounts.refused}), 0)::int as blocked,
      ${getStartOfTomorrow()} as "resetsAt"
    from ${smsCounts} where ${smsCounts.scope} = ${ALL_ACCOUNTS} and ${smsCounts.day} = ${getToday()}`);
  const [today] = rows;
  if (!today) throw new Error('an aggregate returned no row');
  const { queued, blocked, resetsAt } = today;
  const { organisationTimeZone: timeZone } = settings();
  return { queued, blocked, perDay, resetsAt: new Date(resetsAt), timeZone };
}
