import { type SQL, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';

/** How many accounts are read in the order of a list to find those of a page. */
export const MAX_SCANNED = 5_000;

/** Estimates how many accounts match a condition, by the statistics of PostgreSQL's planner. Reads no account. */
export async function estimateCount(database: Queryable, condition: SQL | undefined): Promise<number> {
  const { rows } = await database.execute<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>(
    sql`explain (format json) select from ${apiAccounts} where ${condition ?? sql`true`}`,
  );
  return rows[0]?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0;
}

/** Estimates whether so few accounts match that a page of them is not found among the first ones of a list. */
export async function isRare(database: Queryable, condition: SQL, pageSize: number): Promise<boolean> {
  const [matching, all] = await Promise.all([
    estimateCount(database, condition),
    estimateCount(database, undefined),
  ]);
  return matching * MAX_SCANNED < all * pageSize;
}
