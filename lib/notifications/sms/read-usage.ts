import { and, eq } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { smsCounts } from '#db/schema/sms-policy.ts';
import { ALL, TODAY } from './consume-quota.ts';
import { readSmsPolicy } from './read-policy.ts';
import type { SmsUsage } from './schema.ts';

/** How many of today's texts (in UTC) are used for the installation, and how many were refused. */
export async function readSmsUsage(database: Queryable): Promise<SmsUsage> {
  const { perDay } = await readSmsPolicy(database);
  const [counted] = await database
    .select({ queued: smsCounts.queued, refused: smsCounts.refused })
    .from(smsCounts)
    .where(and(eq(smsCounts.scope, ALL), eq(smsCounts.day, TODAY)));
  return { queued: counted?.queued ?? 0, refused: counted?.refused ?? 0, perDay };
}
