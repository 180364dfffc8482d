import type { Connection } from './connection.ts';

/** One account's requests between two writes of the usage counter. Times are on this process's monotonic clock. */
export type UsageCount = {
  accountId: string;
  /** Time of the first request, which determines the minute. */
  at: number;
  /** Time of the last request that was allowed, if any. */
  usedAt: number | null;
  /** IP address of the first request that was allowed, if it is known. */
  ipAddress: string | null;
  allowed: number;
  inactive: number;
  limited: number;
};

/** Counts that are written in one statement. `number` increases with each flush of a writer. */
export type UsageFlush = { writer: string; number: number; counts: readonly UsageCount[] };

/** Formats a PostgreSQL array. Its values must not need quotes. */
const formatArray = (values: (string | number)[]) => `{${values.join(',')}}`;

/**
 * Adds counts to their accounts' minutes and updates each account's last use and its IP address, in one statement.
 *
 * Applies each number of a writer once, however often it is sent. Sends ages instead of times, because the minutes are
 * those of the database's clock. Locks rows in the order of the accounts' ids, so that two verifiers cannot deadlock.
 */
export async function writeCounts(
  connection: Connection,
  { writer, number, counts }: UsageFlush,
): Promise<void> {
  const now = performance.now();
  const formatAge = (at: number | null) => (at === null ? 'NULL' : Math.round(now - at));
  const sequence = connection.nextSequence();
  const [row] = await connection.sql<{ sequence: number }[]>`
    with new_flush as (
      insert into usage_flushes as last (writer, flush)
      values (${writer}::text::uuid, ${number}::int4)
      on conflict (writer) do update set flush = excluded.flush, at = now() where last.flush < excluded.flush
      returning flush
    ), counted as (
      select entry.*
      from new_flush, unnest(
        ${formatArray(counts.map(({ accountId }) => accountId))}::text::uuid[],
        ${formatArray(counts.map(({ at }) => formatAge(at)))}::text::int8[],
        ${formatArray(counts.map(({ usedAt }) => formatAge(usedAt)))}::text::int8[],
        ${formatArray(counts.map(({ ipAddress }) => ipAddress ?? 'NULL'))}::text::text[],
        ${formatArray(counts.map(({ allowed }) => allowed))}::text::int4[],
        ${formatArray(counts.map(({ inactive }) => inactive))}::text::int4[],
        ${formatArray(counts.map(({ limited }) => limited))}::text::int4[]
      ) as entry (account_id, age, used_age, address, allowed, inactive, limited)
    ), used as (
      insert into api_account_usage as existing (account_id, last_used_at, last_address)
      select account_id, now() - min(used_age) * interval '1 millisecond',
        (array_agg(address order by used_age))[1]
      from counted where used_age is not null
      group by account_id order by account_id
      on conflict (account_id) do update
      set last_used_at = excluded.last_used_at, last_address = excluded.last_address
      where existing.last_used_at is null or existing.last_used_at < excluded.last_used_at
    ), added as (
      insert into api_account_minutes as existing (account_id, minute, allowed, inactive, limited)
      select account_id, date_trunc('minute', now() - age * interval '1 millisecond') as minute,
        sum(allowed), sum(inactive), sum(limited)
      from counted
      group by account_id, minute order by account_id, minute
      on conflict (account_id, minute) do update set
        allowed = existing.allowed + excluded.allowed,
        inactive = existing.inactive + excluded.inactive,
        limited = existing.limited + excluded.limited
    )
    select ${sequence}::int4 as sequence`;
  connection.checkSequence(row, sequence);
}
