import { and, eq } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { smsCounts } from '#db/schema/sms-policy.ts';
import { ALL, TODAY } from './consume-quota.ts';
import { readSmsPolicy } from './read-policy.ts';
import type { SmsUsage } from './schema.ts';

/** Reads today's usage (in UTC) of the daily limit for all accounts. */
export async function readSmsUsage(database: Queryable): Promise<SmsUsage> {
  const { perDay } = await readSmsPolicy(database);
  const [count] = await database
    .select({ queued: smsCounts.queued, refused: smsCounts.refused })
    .from(smsCounts)
    .where(and(eq(smsCounts.scope, ALL), eq(smsCounts.day, TODAY)));
  return { queued: count?.queued ?? 0, refused: count?.refused ?? 0, perDay };
}
