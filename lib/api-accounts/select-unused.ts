import { and, eq, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm';
import { unionAll } from 'drizzle-orm/pg-core';
import type { Queryable } from '#db/client.ts';
import { apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { reveals } from '#db/schema/reveals.ts';
import { UNCOLLECTED_DAYS, UNUSED_DAYS } from './list-filter.ts';

/** Selects when the account's key was collected. */
export const keyIssuedAt = sql`coalesce(${apiAccounts.keyGeneratedAt}, ${apiAccounts.createdAt})`;

/**
 * Selects the ids of unused accounts: their key was not collected for 7 days after the key delivery began, or not used for
 * 90 days. Inactive and expired accounts do not count, because their keys are refused already.
 * @param options.now the database's clock; replaced in tests
 * @param options.limit for each of the two, to bound the time of counting
 * @param options.among selects the ids of the only accounts that are considered
 */
export function selectUnusedAccounts(
  database: Queryable,
  { now = sql`now()`, limit, among }: { now?: SQL; limit?: number; among?: SQL } = {},
) {
  const isWorking = and(
    sql`${apiAccounts.active}`,
    sql`coalesce(${apiAccounts.expiresAt} > ${now}, true)`,
    among && sql`${apiAccounts.id} in (${among})`,
  );
  const agoDays = (days: number) => sql`${now} - make_interval(days => ${days})`;
  const uncollected = database
    .select({ id: apiAccounts.id })
    .from(reveals)
    .innerJoin(apiAccounts, and(eq(apiAccounts.id, reveals.accountId), eq(apiAccounts.revealId, reveals.id)))
    .where(
      and(
        // The predicate of the index `reveals_unfinished`.
        or(isNull(reveals.endedAt), eq(reveals.endReason, sql`'locked'`)),
        sql`${reveals.createdAt} < ${agoDays(UNCOLLECTED_DAYS)}`,
        isNull(apiAccounts.keyDigest),
        isWorking,
      ),
    )
    .$dynamic();
  const unusedKey = database
    .select({ id: apiAccounts.id })
    .from(apiAccountUsage)
    .innerJoin(apiAccounts, eq(apiAccounts.id, apiAccountUsage.accountId))
    .where(
      and(
        // The column of the index `api_account_usage_minute`.
        sql`${apiAccountUsage.lastUsedMinute} < (${agoDays(UNUSED_DAYS)}) at time zone 'UTC'`,
        isNotNull(apiAccounts.keyDigest),
        sql`${keyIssuedAt} < ${agoDays(UNUSED_DAYS)}`,
        isWorking,
      ),
    )
    .$dynamic();
  if (limit === undefined) return unionAll(uncollected, unusedKey);
  return unionAll(uncollected.limit(limit), unusedKey.limit(limit));
}
