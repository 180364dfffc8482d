import { and, eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';
import { smsCounts, smsPolicy } from '#db/schema/sms-policy.ts';
import { DEFAULT_PER_ACCOUNT_PER_DAY, DEFAULT_PER_DAY } from '#lib/notifications/sms/limits.ts';
import { ALL_ACCOUNTS, getToday } from '#lib/notifications/sms/policy.ts';

/** Sets the SMS policy without validation. Missing fields get their defaults. */
export async function setSmsPolicy(
  database: Database,
  fields: Partial<{ countries: string[]; perDay: number; perAccountPerDay: number }>,
): Promise<void> {
  const values = {
    countries: [],
    perDay: DEFAULT_PER_DAY,
    perAccountPerDay: DEFAULT_PER_ACCOUNT_PER_DAY,
    ...fields,
  };
  await database
    .insert(smsPolicy)
    .values({ ...values, updatedBy: uuidv7() })
    .onConflictDoUpdate({ target: smsPolicy.id, set: values });
}

/** Sets how many SMS count as queued today, for the installation or for an account (its id). */
export async function setQueuedSmsCount(
  database: Database,
  queued: number,
  scope = ALL_ACCOUNTS,
): Promise<void> {
  await database
    .insert(smsCounts)
    .values({ scope, day: getToday(), queued })
    .onConflictDoUpdate({ target: [smsCounts.scope, smsCounts.day], set: { queued } });
}

/** Reads today's SMS counts of the installation (`all`) or of an account (its id). */
export async function readSmsCount(database: Database, scope: string) {
  const [count] = await database
    .select({ queued: smsCounts.queued, refused: smsCounts.refused })
    .from(smsCounts)
    .where(and(eq(smsCounts.scope, scope), eq(smsCounts.day, getToday())));
  return count ?? { queued: 0, refused: 0 };
}

/** Counts the SMS by state, and their jobs. */
export async function countSms(database: Database) {
  const sms = await database.select().from(messages).where(eq(messages.channel, 'sms'));
  const { rows } = await database.execute("select from pgboss.job where name = 'send-sms'");
  return {
    queued: sms.filter(({ state }) => state === 'queued').length,
    refused: sms.filter(({ state }) => state === 'refused').length,
    jobs: rows.length,
  };
}

/** Simulates the passage of days by moving SMS counts and messages into the past. */
export async function letSmsDaysPass(database: Database, days: number): Promise<void> {
  // In two steps: PostgreSQL checks the primary key row by row, and a day must not meet one that has not moved yet.
  await database.$client.query('update sms_counts set day = day - 36500');
  await database.$client.query('update sms_counts set day = day + 36500 - $1::int', [days]);
  await database.$client.query(
    `update messages set created_at = created_at - make_interval(days => $1),
       ended_at = ended_at - make_interval(days => $1)`,
    [days],
  );
}

/** Deletes all accounts, SMS counts, the SMS policy and all jobs. */
export async function deleteSmsData(database: Database): Promise<void> {
  await database.$client.query('truncate api_accounts, sms_counts, sms_policy cascade');
  await database.$client.query('delete from pgboss.job');
}
