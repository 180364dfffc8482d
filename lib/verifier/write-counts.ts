import type { Connection } from './connection.ts';

/** One account's requests between two writes of the usage counter. Times are on this process's monotonic clock. */
export type UsageCount = {
  accountId: string;
  /** Time of the first request, which determines the minute. */
  at: number;
  /** Times of the last requests with the current and with the previous key that were allowed, if any. */
  usedAt: number | null;
  previousUsedAt: number | null;
  /** IP address of the first request that was allowed, if it is known. */
  ipAddress: string | null;
  /** Requests with the current key that were allowed. */
  allowed: number;
  /** Requests with the previous key that were allowed. */
  allowedPrevious: number;
  inactive: number;
  expired: number;
  insufficientScope: number;
  networkNotAllowed: number;
  limited: number;
};

/** Counts that are written in one statement. `number` increases with each flush of a writer. */
export type UsageFlush = {
  writer: string;
  number: number;
  /** The setting of this verifier, for the pages. */
  trustedProxies: number;
  counts: readonly UsageCount[];
};

/** Formats a PostgreSQL array. Its values must not need quotes. */
export const formatArray = (values: (string | number)[]) => `{${values.join(',')}}`;

/** Formats a column that is usually the same in all rows. `unnest` returns null for what an empty array lacks. */
function formatRareArray<Value extends number | null>(
  counts: readonly UsageCount[],
  read: (count: UsageCount) => Value,
  usual: Value,
  format: (value: Value) => string | number,
): string {
  return counts.some((count) => read(count) !== usual)
    ? formatArray(counts.map((count) => format(read(count))))
    : '{}';
}

const formatCount = (value: number) => value;

/** Creates a part of a statement: the counts as rows of `entry`. */
function createEntries({ sql }: Connection, counts: readonly UsageCount[]) {
  const now = performance.now();
  const formatAge = (at: number | null) => (at === null ? 'NULL' : Math.round(now - at));
  return sql`
      unnest(
        ${formatArray(counts.map(({ accountId }) => accountId))}::text::uuid[],
        ${formatArray(counts.map(({ at }) => formatAge(at)))}::text::int8[],
        ${formatArray(counts.map(({ usedAt }) => formatAge(usedAt)))}::text::int8[],
        ${formatRareArray(counts, ({ previousUsedAt }) => previousUsedAt, null, formatAge)}::text::int8[],
        ${formatArray(counts.map(({ ipAddress }) => ipAddress ?? 'NULL'))}::text::text[],
        ${formatArray(counts.map(({ allowed, allowedPrevious }) => allowed + allowedPrevious))}::text::int4[],
        ${formatRareArray(counts, ({ allowedPrevious }) => allowedPrevious, 0, formatCount)}::text::int4[],
        ${formatArray(counts.map(({ inactive }) => inactive))}::text::int4[],
        ${formatRareArray(counts, ({ expired }) => expired, 0, formatCount)}::text::int4[],
        ${formatRareArray(counts, ({ insufficientScope }) => insufficientScope, 0, formatCount)}::text::int4[],
        ${formatRareArray(counts, ({ networkNotAllowed }) => networkNotAllowed, 0, formatCount)}::text::int4[],
        ${formatArray(counts.map(({ limited }) => limited))}::text::int4[]
      ) as entry (account_id, age, used_age, previous_used_age, address, allowed, allowed_previous, inactive, expired,
        insufficient_scope, network_not_allowed, limited)`;
}

/**
 * Adds counts to their accounts' minutes and updates each account's last use and its IP address, in one statement.
 *
 * Applies each number of a writer once, however often it is sent. Sends ages instead of times, because the minutes are
 * those of the database's clock. Locks rows in the order of the accounts' ids, so that two verifiers cannot deadlock.
 */
export async function writeCounts(
  connection: Connection,
  { writer, number, trustedProxies, counts }: UsageFlush,
): Promise<void> {
  const sequence = connection.nextSequence();
  const [row] = await connection.sql<{ sequence: number }[]>`
    with new_flush as (
      insert into usage_flushes as last (writer, flush, trusted_proxies)
      values (${writer}::text::uuid, ${number}::int4, ${trustedProxies}::int2)
      on conflict (writer) do update set flush = excluded.flush, at = now() where last.flush < excluded.flush
      returning flush
    ), counted as (
      select entry.*
      from new_flush, ${createEntries(connection, counts)}
    ), used as (
      insert into api_account_usage as existing
        (account_id, last_used_at, last_address, current_key_used_at, previous_key_used_at)
      select account_id, now() - least(min(used_age), min(previous_used_age)) * interval '1 millisecond',
        (array_agg(address order by least(used_age, previous_used_age)))[1],
        now() - min(used_age) * interval '1 millisecond', now() - min(previous_used_age) * interval '1 millisecond'
      from counted where used_age is not null or previous_used_age is not null
      group by account_id order by account_id
      on conflict (account_id) do update set
        last_used_at = greatest(existing.last_used_at, excluded.last_used_at),
        last_address = case when existing.last_used_at >= excluded.last_used_at
          then existing.last_address else excluded.last_address end,
        current_key_used_at = greatest(existing.current_key_used_at, excluded.current_key_used_at),
        previous_key_used_at = greatest(existing.previous_key_used_at, excluded.previous_key_used_at)
    ), added as (
      insert into api_account_minutes as existing
        (account_id, minute, allowed, allowed_previous, inactive, expired, insufficient_scope, network_not_allowed,
          limited)
      select account_id, date_trunc('minute', now() - age * interval '1 millisecond') as minute,
        sum(allowed), coalesce(sum(allowed_previous), 0), sum(inactive), coalesce(sum(expired), 0),
        coalesce(sum(insufficient_scope), 0), coalesce(sum(network_not_allowed), 0), sum(limited)
      from counted
      group by account_id, minute order by account_id, minute
      on conflict (account_id, minute) do update set
        allowed = existing.allowed + excluded.allowed,
        allowed_previous = existing.allowed_previous + excluded.allowed_previous,
        inactive = existing.inactive + excluded.inactive,
        expired = existing.expired + excluded.expired,
        insufficient_scope = existing.insufficient_scope + excluded.insufficient_scope,
        network_not_allowed = existing.network_not_allowed + excluded.network_not_allowed,
        limited = existing.limited + excluded.limited
    )
    select ${sequence}::int4 as sequence`;
  connection.checkSequence(row, sequence);
}
