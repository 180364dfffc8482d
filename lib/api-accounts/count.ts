import { and, isNotNull, type SQL, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { isAccountExpired } from '#lib/account-state/conditions.ts';
import { estimateCount } from './estimate-count.ts';
import { ACCOUNT_TABS, type AccountTab } from './list-filter.ts';
import { buildSearchCondition } from './search.ts';
import { buildTabCondition, isExpiring, selectAccountsThatNeedAttention } from './select-accounts.ts';
import { selectUnusedAccounts } from './select-unused.ts';

/** Upper bound of each count, to keep counting fast. */
export const COUNT_LIMIT = 10_000;
/** An estimate of the planner is used from here on. The exact number is then hardly below the upper bound. */
const MIN_ESTIMATE = 3 * COUNT_LIMIT;
/** With more accounts, counting every tab takes too long to do it for each page. */
const MAX_COUNTED_EACH_TIME = 2 * COUNT_LIMIT;
/** With as many accounts, the tabs of a search with more matches are not counted. */
const MAX_MATCHES_BY_TAB = 1_000;
/** For how long the counts of all tabs are remembered, and by how much longer than counting them took. */
const MIN_REMEMBERED_MS = 10_000;
const REMEMBERED_PER_MS = 20;

/** A number of accounts, or an estimate. */
export type AccountCount = { count: number; isExact: boolean };
/** Null: it would take too long to count. */
export type AccountCounts = Record<AccountTab, AccountCount | null>;

const NOT_COUNTED = { needs_attention: null, active: null, inactive: null, expiring: null, unused: null };

/** Reports whether the planner can estimate the accounts of a tab: not those that other tables decide. */
export const isEstimable = (tab: AccountTab) => tab !== 'needs_attention' && tab !== 'unused';

const toCount = (count: number, estimate: number): AccountCount =>
  count < COUNT_LIMIT ? { count, isExact: true } : { count: Math.max(count, estimate), isExact: false };

/** Counts up to the limit what a query selects. */
const selectCount = (from: SQL) => sql`(select count(*)::int from (${from} limit ${COUNT_LIMIT}) counted)`;

/** Counts the accounts of one tab that match a search: exactly up to the limit, otherwise it estimates them. */
async function countTab(database: Database, search: string, tab: AccountTab): Promise<AccountCount> {
  const condition = and(buildSearchCondition(search), buildTabCondition(database, tab));
  const estimate = isEstimable(tab) ? await estimateCount(database, condition) : 0;
  if (estimate >= MIN_ESTIMATE) return { count: estimate, isExact: false };
  const from = sql`select from ${apiAccounts} where ${condition ?? sql`true`}`;
  const { rows } = await database.execute<{ count: number }>(sql`select ${selectCount(from)} as count`);
  return toCount(rows[0]?.count ?? 0, estimate);
}

type CountRow = Record<AccountTab, number>;

/** Selects how many accounts are in a tab, up to the limit, without reading the others. */
function selectTabCount(database: Database, tab: AccountTab): SQL {
  const among = (select: SQL) => selectCount(sql`select from (${select}) selected`);
  const options = { limit: COUNT_LIMIT };
  if (tab === 'unused') return among(sql`${selectUnusedAccounts(database, options)}`);
  if (tab === 'needs_attention') return among(sql`${selectAccountsThatNeedAttention(database, options)}`);
  return selectCount(sql`select from ${apiAccounts} where ${buildTabCondition(database, tab) ?? sql`true`}`);
}

/** Estimates the tabs that the planner can estimate. */
async function estimateTabs(database: Database): Promise<Partial<CountRow>> {
  const estimates: Partial<CountRow> = {};
  for (const tab of ACCOUNT_TABS.filter(isEstimable))
    estimates[tab] = await estimateCount(database, buildTabCondition(database, tab));
  return estimates;
}

/**
 * Counts every tab: one with many accounts is estimated, and each other count reads at most as many as the limit, or as
 * may be in the tab.
 * @param all an estimate of the number of all accounts
 */
export async function countAllTabs(database: Database, all: number): Promise<AccountCounts> {
  const estimates = all >= COUNT_LIMIT ? await estimateTabs(database) : {};
  const estimateOf = (tab: AccountTab) => estimates[tab] ?? 0;
  const counted = ACCOUNT_TABS.filter((tab) => estimateOf(tab) < MIN_ESTIMATE);
  const columns = counted.map((tab) => sql`${selectTabCount(database, tab)} as ${sql.identifier(tab)}`);
  const { rows } = await database.execute<Partial<CountRow>>(sql`select ${sql.join(columns, sql`, `)}`);
  const counts = ACCOUNT_TABS.map((tab) => [tab, toCount(rows[0]?.[tab] ?? COUNT_LIMIT, estimateOf(tab))]);
  return Object.fromEntries(counts) as AccountCounts;
}

/** Counts every tab among the first matches of a search, up to the limit, so that the search scans only once. */
async function countMatches(database: Database, searchCondition: SQL): Promise<CountRow> {
  const among = sql`select id from found`;
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
      (select count(*)::int from (${selectUnusedAccounts(database, { among })}) unused) as unused,
      (select count(*)::int from (${selectAccountsThatNeedAttention(database, { among })}) attention) as needs_attention
    from found`);
  if (!rows[0]) throw new Error('an aggregate returned no row');
  return rows[0];
}

/** Counts every tab among the matches of a search; none but `all` if that would take long. */
async function countSearch(database: Database, search: string, condition: SQL): Promise<AccountCounts> {
  const [matching, all] = await Promise.all([
    estimateCount(database, condition),
    estimateCount(database, undefined),
  ]);
  if (matching > MAX_MATCHES_BY_TAB && all > MAX_COUNTED_EACH_TIME)
    return { ...NOT_COUNTED, all: await countTab(database, search, 'all') };
  const counts = await countMatches(database, condition);
  if (counts.all >= COUNT_LIMIT) return { ...NOT_COUNTED, all: toCount(counts.all, matching) };
  const exact = Object.entries(counts).map(([tab, count]) => [tab, { count, isExact: true }]);
  return Object.fromEntries(exact) as AccountCounts;
}

type Remembered = { counts: AccountCounts | null; isCounting: boolean; until: number };

/** The counts of all tabs of large databases, for each pool of this process. */
const rememberedCounts = new WeakMap<Database['$client'], Remembered>();

/** Counts all tabs in the background, unless that is happening already. */
async function renewCounts(database: Database, all: number, remembered: Remembered): Promise<void> {
  if (remembered.isCounting) return;
  remembered.isCounting = true;
  const startedAt = performance.now();
  try {
    remembered.counts = await countAllTabs(database, all);
  } finally {
    const tookMs = performance.now() - startedAt;
    remembered.isCounting = false;
    remembered.until = performance.now() + Math.max(MIN_REMEMBERED_MS, REMEMBERED_PER_MS * tookMs);
  }
}

/** Returns the counts of all tabs: of a large database, the last ones that were counted, if any, and counts again. */
async function readTabCounts(database: Database): Promise<AccountCounts> {
  const estimate = await estimateCount(database, undefined);
  if (estimate <= MAX_COUNTED_EACH_TIME) return countAllTabs(database, estimate);
  const remembered = rememberedCounts.get(database.$client) ?? { counts: null, isCounting: false, until: 0 };
  rememberedCounts.set(database.$client, remembered);
  if (performance.now() >= remembered.until)
    // If it fails, so does the request's own query, which reports it; the next request tries again.
    void renewCounts(database, estimate, remembered).catch(() => {});
  return { ...(remembered.counts ?? NOT_COUNTED), all: toCount(estimate, estimate) };
}

/**
 * Counts the accounts in each tab that match a search, and always those in one tab. Each count is exact up to the limit,
 * and an estimate above. With more than 20,000 accounts, the counts of tabs may be some seconds old.
 */
export async function countAccounts(
  database: Database,
  search: string,
  tab: AccountTab = 'all',
): Promise<{ counts: AccountCounts; total: AccountCount }> {
  const condition = buildSearchCondition(search);
  const counts = await (condition ? countSearch(database, search, condition) : readTabCounts(database));
  return { counts, total: counts[tab] ?? (await countTab(database, search, tab)) };
}
