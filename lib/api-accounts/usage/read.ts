import { eq, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { apiAccountAddresses } from '#db/schema/api-account-addresses.ts';
import { apiAccountDays, apiAccountMinutes, apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import type { AccessTokenActor, Actor } from '#lib/platform/authorization/actor.ts';
import type { Viewer } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { type AccountUsage, NO_USAGE, type RecentUse, type UsageCounts, type UsagePeriod } from './schema.ts';

type BucketRow = UsageCounts & { unit: 'hour' | 'day'; from: number };

/** The columns of the counts, which have the same names in both tables. */
const COLUMNS: Record<keyof UsageCounts, string> = {
  allowed: 'allowed',
  allowedPrevious: 'allowed_previous',
  inactive: 'inactive',
  expired: 'expired',
  insufficientScope: 'insufficient_scope',
  networkNotAllowed: 'network_not_allowed',
  limited: 'limited',
};
const COUNTS = Object.keys(COLUMNS) as (keyof UsageCounts)[];
const selectCounts = (format: (column: string, count: string) => string) =>
  sql.raw(COUNTS.map((count) => format(COLUMNS[count], count)).join(', '));
const columns = selectCounts((column) => column);
const sums = selectCounts((column) => `sum(${column}) as ${column}`);
const results = selectCounts((column, count) => `coalesce(${column}, 0)::float8 as "${count}"`);

/**
 * Selects the buckets of both periods, by the database's clock. Each read is a range scan of a primary key.
 * Computes on timestamps without time zone, in UTC, so that the session's time zone does not matter.
 * Reads days from both tables, so that it does not matter when minutes are rolled up.
 */
const selectBuckets = (accountId: string) => sql`
  with counted as (
    select minute at time zone 'UTC' as at, ${columns} from ${apiAccountMinutes}
      where account_id = ${accountId}
        and minute >= (date_trunc('day', now() at time zone 'UTC') - interval '29 days') at time zone 'UTC'
  ), daily as (
    select at, ${columns} from counted
    union all
    select day, ${columns} from ${apiAccountDays}
      where account_id = ${accountId} and day >= (now() at time zone 'UTC')::date - 29
  ), bucket as (
    select 'hour' as unit, date_trunc('hour', now() at time zone 'UTC') - ago * interval '1 hour' as at
      from generate_series(0, 23) as ago
    union all
    select 'day', date_trunc('day', now() at time zone 'UTC') - ago * interval '1 day'
      from generate_series(0, 29) as ago
  ), total as (
    select 'hour' as unit, date_trunc('hour', at) as at, ${sums}
      from counted where at >= date_trunc('hour', now() at time zone 'UTC') - interval '23 hours' group by 2
    union all
    select 'day', date_trunc('day', at), ${sums} from daily group by 2
  )
  select unit, (extract(epoch from at) * 1000)::float8 as "from", ${results}
    from bucket left join total using (unit, at) order by at`;

function toPeriod(rows: BucketRow[], unit: BucketRow['unit']): UsagePeriod {
  const total = { ...NO_USAGE };
  const buckets = rows.flatMap(({ unit: rowUnit, from, ...counts }) => {
    if (rowUnit !== unit) return [];
    for (const count of COUNTS) total[count] += counts[count];
    return [{ from: new Date(from), ...counts }];
  });
  return { buckets, total };
}

/** Reads an account's usage in the last 24 hours and 30 days; returns null if the account does not exist. */
export async function readUsage(
  database: Database,
  _viewer: Viewer | AccessTokenActor<'accounts:read'>,
  { id }: { id: string },
): Promise<AccountUsage | null> {
  const [accounts, { rows }] = await Promise.all([
    database
      .select({
        lastUsedAt: apiAccountUsage.lastUsedAt,
        readAt: sql<number>`(extract(epoch from now()) * 1000)::float8`,
      })
      .from(apiAccounts)
      .leftJoin(apiAccountUsage, eq(apiAccountUsage.accountId, apiAccounts.id))
      .where(eq(apiAccounts.id, id)),
    database.execute<BucketRow>(selectBuckets(id)),
  ]);
  const [account] = accounts;
  if (!account) return null;
  const { lastUsedAt, readAt } = account;
  return {
    lastUsedAt,
    readAt: new Date(readAt),
    hours: toPeriod(rows, 'hour'),
    days: toPeriod(rows, 'day'),
  };
}

/** Reads how an account is used at the moment; returns null if it does not exist. */
export async function readRecentUse(
  database: Database,
  _actor: Actor<'accounts:read'>,
  { id }: { id: string },
): Promise<RecentUse | null> {
  const today = sql`date_trunc('day', now(), ${settings().organisationTimeZone}::text)`;
  const [row] = await database
    .select({
      lastUsedAt: apiAccountUsage.lastUsedAt,
      lastIpAddress: apiAccountUsage.lastIpAddress,
      requestsToday: sql<number>`(select coalesce(sum(${apiAccountMinutes.allowed}), 0)::float8
        from ${apiAccountMinutes}
        where ${apiAccountMinutes.accountId} = ${apiAccounts.id} and ${apiAccountMinutes.minute} >= ${today})`,
      // The verifiers write the time of an address every 10 minutes only.
      addressesToday: sql<number>`(select count(*)::int from ${apiAccountAddresses}
        where ${apiAccountAddresses.accountId} = ${apiAccounts.id} and ${apiAccountAddresses.allowed}
          and ${apiAccountAddresses.lastSeenAt} >= ${today})`,
      readAt: sql`now()`.mapWith(apiAccounts.createdAt),
    })
    .from(apiAccounts)
    .leftJoin(apiAccountUsage, eq(apiAccountUsage.accountId, apiAccounts.id))
    .where(eq(apiAccounts.id, id));
  return row ?? null;
}
