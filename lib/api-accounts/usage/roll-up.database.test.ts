import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Connection, connectDatabase } from '#db/client.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { avoidTimeBoundary } from '#lib/testing/clock.ts';
import { atScale } from '#lib/testing/scale.ts';
import { until } from '#lib/testing/until.ts';
import { rollUpUsage } from './roll-up.ts';

const ACCOUNTS = [1, 2, 3].map((number) => `00000000-0000-7000-8000-00000000000${number}`);

let db: TestDatabase;
/** Workers with session time zones west of UTC, east of it, and with daylight saving time. */
let workers: Connection[];

beforeAll(async () => {
  db = await createTestDatabase();
  workers = ['America/St_Johns', 'Asia/Kathmandu', 'Europe/London'].map((zone) => {
    const url = new URL(db.url);
    url.search = `options=${encodeURIComponent(`-c timezone=${zone}`)}`;
    return connectDatabase(url.href);
  });
});
beforeEach(async () => {
  await avoidTimeBoundary(db.pool, 'day');
  await db.pool.query('truncate api_account_minutes, api_account_days');
});
afterAll(async () => {
  for (const worker of workers) await worker.close();
  await db.drop();
});

type Minute = { account: number; age: number; allowed: number; inactive: number; limited: number };

/** Adds counts to minutes, each `age` minutes old. */
const addMinutes = (minutes: Minute[]) =>
  db.pool.query(
    // The other counts differ from each other, so that a mix-up would be noticed.
    `insert into api_account_minutes as present (account_id, minute, allowed, inactive, limited,
         allowed_previous, expired, insufficient_scope, network_not_allowed)
     select account, date_trunc('minute', now()) - age * interval '1 minute',
         sum(allowed), sum(inactive), sum(limited), sum(allowed) / 2, sum(inactive) + 1, sum(inactive) + 2, sum(limited) + 3
       from json_to_recordset($1) as (account uuid, age int, allowed int, inactive int, limited int)
       group by 1, 2
     on conflict (account_id, minute) do update set allowed = present.allowed + excluded.allowed,
       inactive = present.inactive + excluded.inactive, limited = present.limited + excluded.limited`,
    [JSON.stringify(minutes.map((minute) => ({ ...minute, account: ACCOUNTS[minute.account] })))],
  );

/** Reads the counts per account and day (UTC) from both tables. */
async function readCounts() {
  const { rows } = await db.pool.query(
    `select account_id, day::text, sum(allowed) as allowed, sum(inactive) as inactive, sum(limited) as limited,
       sum(allowed_previous) as previous, sum(expired) as expired, sum(insufficient_scope) as scope,
       sum(network_not_allowed) as network
     from (select account_id, (minute at time zone 'UTC')::date as day, allowed, inactive, limited, allowed_previous,
             expired, insufficient_scope, network_not_allowed from api_account_minutes
           union all select account_id, day, allowed, inactive, limited, allowed_previous,
             expired, insufficient_scope, network_not_allowed from api_account_days) every group by 1, 2 order by 1, 2`,
  );
  return rows;
}

/** Counts minutes that are too old to keep, and days that are too recent to have been rolled up. */
async function countMisplaced() {
  const { rows } = await db.pool.query<{ oldMinutes: number; recentDays: number }>(
    `select (select count(*) from api_account_minutes
         where (minute at time zone 'UTC')::date < (now() at time zone 'UTC')::date - 30)::int as "oldMinutes",
       (select count(*) from api_account_days
         where day >= (now() at time zone 'UTC')::date - 30)::int as "recentDays"`,
  );
  return rows[0];
}

const minuteLists = fc.array(
  fc.record({
    account: fc.nat({ max: ACCOUNTS.length - 1 }),
    // Favour ages around the 30-day boundary. A day has 1,440 minutes.
    age: fc.oneof(fc.nat({ max: 60 * 1_440 }), fc.integer({ min: 29 * 1_440, max: 33 * 1_440 })),
    allowed: fc.nat({ max: 1_000_000 }),
    inactive: fc.nat({ max: 1_000 }),
    limited: fc.nat({ max: 1_000 }),
  }),
  { maxLength: 60 },
);

describe('rollUpUsage', () => {
  it('keeps every count over repeated and concurrent runs', async () => {
    const chunkSizes = fc.record({
      rows: fc.integer({ min: 1, max: 70 }),
      accounts: fc.integer({ min: 1, max: 4 }),
    });
    const rounds = fc.array(fc.tuple(minuteLists, fc.integer({ min: 1, max: 3 }), chunkSizes), {
      minLength: 1,
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(rounds, async (sampledRounds) => {
        await avoidTimeBoundary(db.pool, 'day');
        await db.pool.query('truncate api_account_minutes, api_account_days');
        for (const [minutes, concurrency, chunk] of sampledRounds) {
          await addMinutes(minutes);
          const before = await readCounts();
          await Promise.all(
            workers.slice(0, concurrency).map(({ database }) => rollUpUsage(database, { chunk })),
          );
          expect(await readCounts()).toEqual(before);
          expect(await countMisplaced()).toEqual({ oldMinutes: 0, recentDays: 0 });
        }
      }),
      { numRuns: atScale({ normal: 15, soak: 200 }) },
    );
  });

  it('moves the old minutes of many days, in three concurrent runs', async () => {
    // At normal size, about 43,000 minutes are old: more than one statement moves.
    const { newestDay, oldestDay } = atScale({
      normal: { newestDay: 28, oldestDay: 60 },
      soak: { newestDay: 0, oldestDay: 90 },
    });
    await db.pool.query(
      `insert into api_account_minutes
       select $1::uuid, date_trunc('minute', now()) - age * interval '1 minute', 2, 1, 0
       from generate_series($2 * 1440, $3 * 1440) as age`,
      [ACCOUNTS[0], newestDay, oldestDay],
    );
    const before = await readCounts();
    await Promise.all(workers.map(({ database }) => rollUpUsage(database)));
    expect(await readCounts()).toEqual(before);
    expect(await countMisplaced()).toEqual({ oldMinutes: 0, recentDays: 0 });
  });

  it('moves nothing if it is killed midway, and counts nothing twice when it runs again', async () => {
    await addMinutes([{ account: 0, age: 40 * 1_440, allowed: 7, inactive: 5, limited: 3 }]);
    const [worker] = workers;
    await db.pool.query(
      `insert into api_account_days
       select account_id, (minute at time zone 'UTC')::date, 100, 10, 1 from api_account_minutes`,
    );
    const before = await readCounts();
    const lockingClient = await db.pool.connect();
    await lockingClient.query('begin');
    await lockingClient.query('update api_account_days set allowed = allowed');
    const rollUp = rollUpUsage(worker?.database ?? db.database);
    const failed = expect(rollUp).rejects.toThrow();
    // Poll, because PostgreSQL has no event for a statement that begins to wait. The timeout makes
    // pg_terminate_backend wait for the backend's end: its row locks would make the next roll-up skip those rows.
    const killWaiting = `select pg_terminate_backend(pid, 10000) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like '%api_account_minutes%'`;
    const killed = await until(
      async () => (await db.pool.query(killWaiting)).rowCount,
      (rows) => rows === 1,
    );
    expect(killed).toBe(1);
    await failed;
    await lockingClient.query('commit');
    lockingClient.release();
    expect(await readCounts()).toEqual(before);
    const { rows } = await db.pool.query('select allowed from api_account_minutes');
    expect(rows).toEqual([{ allowed: 7 }]);
    await rollUpUsage(db.database);
    expect(await readCounts()).toEqual(before);
    expect(await countMisplaced()).toEqual({ oldMinutes: 0, recentDays: 0 });
  });

  it('moves nothing if it was aborted before it started', async () => {
    await addMinutes([{ account: 0, age: 40 * 1_440, allowed: 7, inactive: 5, limited: 3 }]);
    await rollUpUsage(db.database, { stopped: AbortSignal.abort() });
    expect(await countMisplaced()).toMatchObject({ oldMinutes: 1 });
  });

  it('deletes flush numbers after 7 days and quota leases after 24 hours, in chunks, except for locked rows', async () => {
    await db.pool.query(
      `insert into usage_flushes
         select gen_random_uuid(), 1, now() - days * interval '24 hours' from generate_series(1, 17) as days`,
    );
    await db.pool.query(
      `insert into request_windows
         select gen_random_uuid(), now() - hours * interval '1 hour', 1 from generate_series(1, 40) as hours`,
    );
    const verifierClient = await db.pool.connect();
    await verifierClient.query('begin');
    await verifierClient.query(
      'update request_windows set leased = 2 where minute = (select min(minute) from request_windows)',
    );
    await rollUpUsage(db.database, { chunk: { rows: 3, accounts: 1 } });
    await verifierClient.query('commit');
    verifierClient.release();
    const countRemaining = async () =>
      (
        await db.pool.query(
          'select (select count(*) from usage_flushes)::int as flushes, (select count(*) from request_windows)::int as windows',
        )
      ).rows[0];
    // Younger than 7 days: 6 flush numbers. Younger than 24 hours: 23 leases; the locked one is also left.
    expect(await countRemaining()).toEqual({ flushes: 6, windows: 24 });
    await rollUpUsage(db.database);
    expect(await countRemaining()).toEqual({ flushes: 6, windows: 23 });
  });

  it('erases usage that a verifier wrote after the account was deleted', async () => {
    const [deleted, kept] = [crypto.randomUUID(), crypto.randomUUID()];
    await db.pool.query(
      `insert into deleted_api_accounts (id, username, username_folded, created_at, deleted_by)
       values ($1, 'Late Ltd', 'late ltd', now(), $1)`,
      [deleted],
    );
    await db.pool.query(
      `with account as (select unnest($1::uuid[]) as id), used as (
         insert into api_account_usage (account_id, last_used_at, last_address)
         select id, now(), '192.0.2.1' from account
       ), seen as (
         insert into api_account_addresses (account_id, allowed, address, last_seen_at)
         select id, allowed, '192.0.2.1', now() from account, unnest('{true,false}'::bool[]) as allowed)
       insert into api_account_minutes
         select id, date_trunc('minute', now()) - n * interval '1 minute', 1, 0, 0
         from account, generate_series(0, 4) as n`,
      [[deleted, kept]],
    );
    await rollUpUsage(db.database, { chunk: { rows: 2, accounts: 1 } });
    const { rows } = await db.pool.query(
      `select account_id, count(*)::int as minutes
       from api_account_usage join api_account_minutes using (account_id) group by 1`,
    );
    expect(rows).toEqual([{ account_id: kept, minutes: 5 }]);
    const addresses = await db.pool.query('select distinct account_id from api_account_addresses');
    expect(addresses.rows).toEqual([{ account_id: kept }]);
  });

  it('deletes IP addresses 30 days after the last request from there', async () => {
    const id = crypto.randomUUID();
    await db.pool.query(
      `insert into api_account_addresses (account_id, allowed, address, last_seen_at)
       select $1, n % 2 = 0, '192.0.2.' || n, now() - n * interval '1 day' from generate_series(26, 35) as n`,
      [id],
    );
    await rollUpUsage(db.database, { chunk: { rows: 2, accounts: 1 } });
    const { rows } = await db.pool.query(
      'select address from api_account_addresses where account_id = $1 order by address',
      [id],
    );
    expect(rows.map(({ address }) => address)).toEqual(['26', '27', '28', '29'].map((n) => `192.0.2.${n}`));
  });
});
