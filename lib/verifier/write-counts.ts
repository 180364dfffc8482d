import type { Connection } from './connection.ts';
import type { LastUse } from './last-uses.ts';

/** One account's requests between two writes of the usage counter. */
export type UsageCount = {
  accountId: string;
  /** Time of the first request, on this process's monotonic clock. Determines the minute. */
  at: number;
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
  /** At most one for each account. */
  uses: readonly LastUse[];
};

/** Formats a PostgreSQL array. Its values must not need quotes. */
export const formatArray = (values: (string | number)[]) => `{${values.join(',')}}`;

/** Formats counts that are usually all 0. `unnest` returns null for what an empty array lacks. */
const formatRareArray = (counts: number[]) =>
  counts.some((count) => count > 0) ? formatArray(counts) : '{}';

/** Formats times as ages in milliseconds, because the clock of this process is not that of the database. */
function formatAges(times: (number | null)[]): string {
  const now = performance.now();
  return formatArray(times.map((time) => (time === null ? 'NULL' : Math.round(now - time))));
}

/** Creates a part of a statement: the counts as rows of `entry`. */
const createCountRows = ({ sql }: Connection, counts: readonly UsageCount[]) => sql`
      unnest(
        ${formatArray(counts.map(({ accountId }) => accountId))}::text::uuid[],
        ${formatAges(counts.map(({ at }) => at))}::text::int8[],
        ${formatArray(counts.map(({ allowed, allowedPrevious }) => allowed + allowedPrevious))}::text::int4[],
        ${formatRareArray(counts.map(({ allowedPrevious }) => allowedPrevious))}::text::int4[],
        ${formatRareArray(counts.map(({ inactive }) => inactive))}::text::int4[],
        ${formatRareArray(counts.map(({ expired }) => expired))}::text::int4[],
        ${formatRareArray(counts.map(({ insufficientScope }) => insufficientScope))}::text::int4[],
        ${formatRareArray(counts.map(({ networkNotAllowed }) => networkNotAllowed))}::text::int4[],
        ${formatRareArray(counts.map(({ limited }) => limited))}::text::int4[]
      ) as entry (account_id, age, allowed, allowed_previous, inactive, expired, insufficient_scope,
        network_not_allowed, limited)`;

/** Creates a part of a statement: the last uses as rows of `entry`. */
const createUseRows = ({ sql }: Connection, uses: readonly LastUse[]) => sql`
      unnest(
        ${formatArray(uses.map(({ accountId }) => accountId))}::text::uuid[],
        ${formatAges(uses.map(({ usedAt }) => usedAt))}::text::int8[],
        ${formatAges(uses.map(({ previousUsedAt }) => previousUsedAt))}::text::int8[],
        ${formatArray(uses.map(({ ipAddress }) => ipAddress ?? 'NULL'))}::text::text[]
      ) as entry (account_id, used_age, previous_used_age, address)`;

/**
 * Adds counts to their accounts' minutes and updates the last uses of accounts, in one statement.
 *
 * Applies each number of a writer once, however often it is sent. Sends ages instead of times, because the minutes are
 * those of the database's clock. Locks rows in the order of the accounts' ids, so that two verifiers cannot deadlock.
 * Writes no last use of an account that was deleted meanwhile, because its IP address must stay erased.
 */
export async function writeCounts(
  connection: Connection,
  { writer, number, trustedProxies, counts, uses }: UsageFlush,
): Promise<void> {
  const sequence = connection.nextSequence();
  const [row] = await connection.sql<{ sequence: number }[]>`
    with new_flush as (
      insert into usage_flushes as last (writer, flush, trusted_proxies)
      values (${writer}::text::uuid, ${number}::int4, ${trustedProxies}::int2)
      on conflict (writer) do update set flush = excluded.flush, at = now() where last.flush < excluded.flush
      returning flush
    ), used as (
      insert into api_account_usage as existing
        (account_id, last_used_at, last_address, current_key_used_at, previous_key_used_at)
      select account_id, now() - least(used_age, previous_used_age) * interval '1 millisecond', address,
        now() - used_age * interval '1 millisecond', now() - previous_used_age * interval '1 millisecond'
      from new_flush, ${createUseRows(connection, uses)}
      where exists (select from api_accounts where id = account_id)
      order by account_id
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
        sum(allowed), coalesce(sum(allowed_previous), 0), coalesce(sum(inactive), 0), coalesce(sum(expired), 0),
        coalesce(sum(insufficient_scope), 0), coalesce(sum(network_not_allowed), 0), coalesce(sum(limited), 0)
      from new_flush, ${createCountRows(connection, counts)}
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
