import { sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { smsCounts } from '#db/schema/sms-policy.ts';
import { ALL_ACCOUNTS, readSmsPolicy, TODAY_UTC } from './policy.ts';
import type { SmsUsage } from './schema.ts';

type TodaysCounts = { queued: number; blocked: number; tomorrow: string };

/** Reads how much of today's limit for all accounts is used (in UTC), and when the next day begins. */
export async function readSmsUsage(database: Queryable): Promise<SmsUsage> {
  const { perDay } = await readSmsPolicy(database);
  // One statement reads the counts and the date, so that both are of the same day. A day without SMS has no row.
  const { rows } = await database.execute<TodaysCounts>(sql`
    select coalesce(sum(${smsCounts.queued}), 0)::int as queued, coalesce(sum(${smsCounts.refused}), 0)::int as blocked,
      (${TODAY_UTC} + 1)::text as tomorrow
    from ${smsCounts} where ${smsCounts.scope} = ${ALL_ACCOUNTS} and ${smsCounts.day} = ${TODAY_UTC}`);
  const [today] = rows;
  if (!today) throw new Error('an aggregate returned no row');
  const { queued, blocked, tomorrow } = today;
  return { queued, blocked, perDay, resetsAt: new Date(`${tomorrow}T00:00:00Z`) };
}
