import { type SQL, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { apiAccountAddresses } from '#db/schema/api-account-addresses.ts';
import {
  apiAccountDays,
  apiAccountMinutes,
  apiAccountUsage,
  usageFlushes,
} from '#db/schema/api-account-usage.ts';
import { deletedApiAccounts } from '#db/schema/deleted-api-accounts.ts';
import { requestWindows } from '#db/schema/request-windows.ts';

/** Maximum rows and accounts per statement, so that each statement takes well under a second. */
export type ChunkSize = { rows: number; accounts: number };
const CHUNK_SIZE: ChunkSize = { rows: 20_000, accounts: 1_000 };

/** Sorts before every account id. */
const NIL_UUID = '00000000-0000-0000-0000-000000000000';

/** The oldest minute to keep: 30 whole days (UTC) before today, in any session time zone. */
const OLDEST_MINUTE = sql`((date_trunc('day', now() at time zone 'UTC') - interval '30 days') at time zone 'UTC')`;

/**
 * Moves old minutes into days in one atomic statement, for the next accounts after `after`.
 * Skips rows that another worker has locked, and writes days in a fixed order, so that workers cannot deadlock.
 *
 * Finds the accounts with a loose index scan of the primary key. An index on the minute would slow down the verifiers.
 */
const moveMinutes = (after: string, { rows, accounts }: ChunkSize) => sql`
  with recursive account (id, number) as (
    (select account_id, 1 from ${apiAccountMinutes}
      where account_id > ${after}::uuid order by account_id limit 1)
    union all
    select (select m.account_id from ${apiAccountMinutes} m where m.account_id > account.id
        order by m.account_id limit 1), number + 1
      from account where id is not null and number < ${accounts}
  ), old as (
    select minutes.* from account cross join lateral (
      select account_id, minute from ${apiAccountMinutes} m
        where m.account_id = account.id and m.minute < ${OLDEST_MINUTE} for update skip locked
    ) minutes limit ${rows}
  ), moved as (
    delete from ${apiAccountMinutes} m using old
      where m.account_id = old.account_id and m.minute = old.minute
      returning m.account_id, (m.minute at time zone 'UTC')::date as day, m.allowed, m.inactive, m.limited,
        m.allowed_previous, m.expired, m.insufficient_scope, m.network_not_allowed
  ), written as (
    insert into ${apiAccountDays} as current (account_id, day, allowed, inactive, limited, allowed_previous, expired,
        insufficient_scope, network_not_allowed)
      select account_id, day, sum(allowed), sum(inactive), sum(limited), sum(allowed_previous), sum(expired),
          sum(insufficient_scope), sum(network_not_allowed)
        from moved group by account_id, day order by account_id, day
      on conflict (account_id, day) do update set
        allowed = current.allowed + excluded.allowed,
        inactive = current.inactive + excluded.inactive,
        limited = current.limited + excluded.limited,
        allowed_previous = current.allowed_previous + excluded.allowed_previous,
        expired = current.expired + excluded.expired,
        insufficient_scope = current.insufficient_scope + excluded.insufficient_scope,
        network_not_allowed = current.network_not_allowed + excluded.network_not_allowed
  )
  select (select count(*) from moved)::int as moved,
    (select id from account where number = ${accounts}) as last`;

// These statements skip locked rows, so that the worker and a verifier cannot deadlock.
// A verifier may write the last counts of an account after its deletion, which erased the earlier ones.
const recentlyDeleted = sql`
  (select id from ${deletedApiAccounts} where deleted_at > now() - interval '168 hours')`;
const deleteUsageOfDeleted = ({ rows }: ChunkSize) => sql`
  delete from ${apiAccountUsage} where account_id in (
    select account_id from ${apiAccountUsage} where account_id in ${recentlyDeleted} limit ${rows}
      for update skip locked)`;
const deleteMinutesOfDeleted = ({ rows }: ChunkSize) => sql`
  delete from ${apiAccountMinutes} where (account_id, minute) in (
    select account_id, minute from ${apiAccountMinutes} where account_id in ${recentlyDeleted} limit ${rows}
      for update skip locked)`;
const deleteAddressesOfDeleted = ({ rows }: ChunkSize) => sql`
  delete from ${apiAccountAddresses} where (account_id, allowed, address) in (
    select account_id, allowed, address from ${apiAccountAddresses} where account_id in ${recentlyDeleted}
      limit ${rows} for update skip locked)`;
const deleteOldAddresses = ({ rows }: ChunkSize) => sql`
  delete from ${apiAccountAddresses} where (account_id, allowed, address) in (
    select account_id, allowed, address from ${apiAccountAddresses}
      where last_seen_at < now() - interval '30 days' limit ${rows} for update skip locked)`;
// Assumes that no verifier is cut off from the database for 168 hours and then sends its last flush again.
const deleteOldFlushes = ({ rows }: ChunkSize) => sql`
  delete from ${usageFlushes} where writer in (
    select writer from ${usageFlushes} where at < now() - interval '168 hours' limit ${rows} for update skip locked)`;
const deleteOldWindows = ({ rows }: ChunkSize) => sql`
  delete from ${requestWindows} where account_id in (
    select account_id from ${requestWindows} where minute < now() - interval '24 hours' limit ${rows}
      for update skip locked)`;

/** Repeats a statement that deletes up to `rows` rows, until none are left. */
async function deleteInChunks(database: Queryable, statement: SQL, rows: number, stopped?: AbortSignal) {
  while (!stopped?.aborted) {
    const { rowCount } = await database.execute(statement);
    if ((rowCount ?? 0) < rows) return;
  }
}

/**
 * Rolls up the counts of minutes older than 30 days into days (UTC). Deletes IP addresses that were last seen 30 days ago,
 * rows that verifiers no longer need, and usage that they wrote after its account was deleted.
 * Idempotent and safe to run concurrently: every request stays counted exactly once.
 * @param stopped checked between two statements, to stop early
 * @throws if the database cannot be queried; completed statements stay committed, and the next run does the rest
 */
export async function rollUpUsage(
  database: Queryable,
  { stopped, chunk = CHUNK_SIZE }: { stopped?: AbortSignal; chunk?: ChunkSize } = {},
): Promise<void> {
  for (let after = NIL_UUID; !stopped?.aborted; ) {
    const { rows } = await database.execute<{ moved: number; last: string | null }>(
      moveMinutes(after, chunk),
    );
    const [result] = rows;
    // A full chunk may have left minutes of these accounts, so repeat it.
    if (result?.moved === chunk.rows) continue;
    if (!result?.last) break;
    after = result.last;
  }
  const deletions = [
    deleteUsageOfDeleted,
    deleteMinutesOfDeleted,
    deleteAddressesOfDeleted,
    deleteOldAddresses,
    deleteOldFlushes,
    deleteOldWindows,
  ];
  for (const build of deletions) await deleteInChunks(database, build(chunk), chunk.rows, stopped);
}
