import { and, eq, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { smsCounts } from '#db/schema/sms-policy.ts';
import { ALL_ACCOUNTS, readSmsPolicy, TODAY_UTC } from './policy.ts';
import type { SmsUsage } from './schema.ts';

/** Reads when the next day (in UTC) begins, by the database's clock. */
async function readNextDay(database: Queryable): Promise<Date> {
  const { rows } = await database.execute<{ day: string }>(sql`select (${TODAY_UTC} + 1)::text as day`);
  return new Date(`${rows[0]?.day}T00:00:00Z`);
}

/** Reads today's usage (in UTC) of the daily limit for all accounts. */
export async function readSmsUsage(database: Queryable): Promise<SmsUsage> {
  const { perDay } = await readSmsPolicy(database);
  const [count] = await database
    .select({ queued: smsCounts.queued, refused: smsCounts.refused })
    .from(smsCounts)
    .where(and(eq(smsCounts.scope, ALL_ACCOUNTS), eq(smsCounts.day, TODAY_UTC)));
  return {
    queued: count?.queued ?? 0,
    refused: count?.refused ?? 0,
    perDay,
    resetsAt: await readNextDay(database),
  };
}
