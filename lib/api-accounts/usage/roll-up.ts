import { type SQL, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { apiAccountDays, apiAccountMinutes, usageFlushes } from '#db/schema/api-account-usage.ts';
import { requestWindows } from '#db/schema/request-windows.ts';

/** How many rows a statement takes at most, and how many accounts it looks at: well within a second. */
export type Chunk = { rows: number; accounts: number };
const CHUNK: Chunk = { rows: 20_000, accounts: 1_000 };

/** Comes before every account. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Where the minutes begin that stay: 30 whole days in UTC before today, whatever zone the session is in. */
const MONTH_AGO = sql`((date_trunc('day', now() at time zone 'UTC') - interval '30 days') at time zone 'UTC')`;

/**
 * Moves the old minutes of the next accounts after one into days, in one statement: all of it happened or
 * nothing did. Rows that another worker is moving are skipped, and never waited for; days are written in one
 * order, so that two workers do not wait for each other in a circle.
 *
 * The accounts are found by hopping over the primary key: there is no index on the minute alone, which every
 * count would have to keep up.
 */
const moveMinutes = (after: string, { rows, accounts }: Chunk) => sql`
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
        where m.account_id = account.id and m.minute < ${MONTH_AGO} for update skip locked
    ) minutes limit ${rows}
  ), moved as (
    delete from ${apiAccountMinutes} m using old
      where m.account_id = old.account_id and m.minute = old.minute
      returning m.account_id, (m.minute at time zone 'UTC')::date as day, m.allowed, m.inactive, m.limited
  ), written as (
    insert into ${apiAccountDays} as present (account_id, day, allowed, inactive, limited)
      select account_id, day, sum(allowed), sum(inactive), sum(limited)
        from moved group by account_id, day order by account_id, day
      on conflict (account_id, day) do update set
        allowed = present.allowed + excluded.allowed,
        inactive = present.inactive + excluded.inactive,
        limited = present.limited + excluded.limited
  )
  select (select count(*) from moved)::int as moved,
    (select id from account where number = ${accounts}) as last`;

/** Never waits for a row that is in use, so that no verifier and no sweep wait for each other in a circle. */
const sweepFlushes = ({ rows }: Chunk) => sql`
  delete from ${usageFlushes} where writer in (
    select writer from ${usageFlushes} where at < now() - interval '168 hours' limit ${rows} for update skip locked)`;
const sweepWindows = ({ rows }: Chunk) => sql`
  delete from ${requestWindows} where account_id in (
    select account_id from ${requestWindows} where minute < now() - interval '24 hours' limit ${rows}
      for update skip locked)`;

async function sweep(database: Queryable, statement: SQL, rows: number, stopped?: AbortSignal) {
  while (!stopped?.aborted) {
    const { rowCount } = await database.execute(statement);
    if ((rowCount ?? 0) < rows) return;
  }
}

/**
 * Rolls the counts of minutes that are older than a month up into whole days (in UTC), and throws away what the
 * verifiers no longer need. May run at any time, any number of times and in several processes at once: every
 * request stays counted exactly once.
 * @param stopped looked at between two statements, to end early
 * @throws when the database cannot be asked; what was done so far stays done, and the next run does the rest
 */
export async function rollUpUsage(
  database: Queryable,
  { stopped, chunk = CHUNK }: { stopped?: AbortSignal; chunk?: Chunk } = {},
): Promise<void> {
  for (let after = NOBODY; !stopped?.aborted; ) {
    const { rows } = await database.execute<{ moved: number; last: string | null }>(
      moveMinutes(after, chunk),
    );
    const [done] = rows;
    // A full chunk may have left some of its accounts' minutes.
    if (done?.moved === chunk.rows) continue;
    if (!done?.last) break;
    after = done.last;
  }
  await sweep(database, sweepFlushes(chunk), chunk.rows, stopped);
  await sweep(database, sweepWindows(chunk), chunk.rows, stopped);
}
