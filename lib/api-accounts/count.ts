import { isNotNull, type SQL, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { isAccountExpired } from '#lib/account-state/conditions.ts';
import type { AccountTab } from './list-filter.ts';
import {
  buildSearchCondition,
  buildTabCondition,
  isExpiring,
  selectAccountsThatNeedAttention,
} from './select-accounts.ts';
import { selectUnusedAccounts } from './select-unused.ts';

/** Upper bound of each count, to keep counting fast. */
export const COUNT_LIMIT = 10_000;

/** A number of accounts; if it is not exact, there may be more. */
export type AccountCount = { count: number; isExact: boolean };
export type AccountCounts = Record<AccountTab, AccountCount>;

type CountRow = {
  all: number;
  needsAttention: number;
  active: number;
  inactive: number;
  expiring: number;
  unused: number;
};

/** Counts every tab up to the limit. Each count reads only an index, and at most as many entries as the limit. */
async function countAll(database: Database): Promise<CountRow> {
  const count = (from: SQL) => sql`(select count(*)::int from (${from}) counted)`;
  const countTab = (tab: AccountTab) => {
    const condition = buildTabCondition(database, tab) ?? sql`true`;
    return count(sql`select from ${apiAccounts} where ${condition} limit ${COUNT_LIMIT}`);
  };
  const { rows } = await database.execute<CountRow>(sql`
    select ${countTab('all')} as "all", ${countTab('active')} as active, ${countTab('inactive')} as inactive,
      ${countTab('expiring')} as expiring,
      least(${count(sql`${selectUnusedAccounts(database, { limit: COUNT_LIMIT })}`)}, ${COUNT_LIMIT}::int) as unused,
      least(${count(sql`${selectAccountsThatNeedAttention(database, COUNT_LIMIT)}`)}, ${COUNT_LIMIT}::int) as "needsAttention"`);
  if (!rows[0]) throw new Error('an aggregate returned no row');
  return rows[0];
}

/** Counts every tab among the first matches of a search, up to the limit, so that the search scans only once. */
async function countMatches(database: Database, searchCondition: SQL): Promise<CountRow> {
  const { rows } = await database.execute<CountRow>(sql`
    with found as materialized (
      select ${apiAccounts.id} as id, ${apiAccounts.active} as active, ${isNotNull(apiAccounts.keyDigest)} as has_key,
        ${isAccountExpired} as is_expired,
        ${isExpiring} as is_expiring
      from ${apiAccounts} where ${searchCondition} limit ${COUNT_LIMIT}
    )
    select count(*)::int as "all",
      count(*) filter (where active and has_key and not is_expired)::int as active,
      count(*) filter (where not active)::int as inactive,
      count(*) filter (where is_expiring)::int as expiring,
      count(*) filter (where id in ${selectUnusedAccounts(database)})::int as unused,
      count(*) filter (where id in ${selectAccountsThatNeedAttention(database)})::int as "needsAttention"
    from found`);
  if (!rows[0]) throw new Error('an aggregate returned no row');
  return rows[0];
}

/** Counts the accounts in each tab that match a search. */
export async function countAccounts(database: Database, search: string): Promise<AccountCounts> {
  const searchCondition = buildSearchCondition(search);
  const counts = await (searchCondition ? countMatches(database, searchCondition) : countAll(database));
  const isTruncated = searchCondition !== undefined && counts.all >= COUNT_LIMIT;
  const toCount = (count: number) => ({ count, isExact: !isTruncated && count < COUNT_LIMIT });
  return {
    all: toCount(counts.all),
    needs_attention: toCount(counts.needsAttention),
    active: toCount(counts.active),
    inactive: toCount(counts.inactive),
    expiring: toCount(counts.expiring),
    unused: toCount(counts.unused),
  };
}
