import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { connectDatabase } from '#db/client.ts';

/**
 * Waits for the start of the next minute, hour or day (UTC) if it is near, so that it does not start during the test.
 * @param neededMs how long the test takes at most
 */
export async function avoidTimeBoundary(
  pool: pg.Pool,
  unit: 'minute' | 'hour' | 'day',
  neededMs = 5_000,
): Promise<void> {
  const { rows } = await pool.query<{ leftMs: number }>(
    `select (extract(epoch from date_trunc($1, now() at time zone 'UTC') + ('1 ' || $1)::interval
       - now() at time zone 'UTC') * 1000)::int as "leftMs"`,
    [unit],
  );
  const leftMs = rows[0]?.leftMs ?? 0;
  if (leftMs < neededMs) await delay(leftMs + 1);
}

const INSTALL_SQL = `
  create schema test_clock;
  create table test_clock.ahead (by interval not null);
  insert into test_clock.ahead values ('0');
  create function test_clock.now() returns timestamptz stable language sql
    as 'select pg_catalog.now() + by from test_clock.ahead';
  do $$
  declare found record;
  begin
    execute format('alter database %I set search_path = test_clock, public, pg_catalog', current_database());
    for found in select table_name, column_name from information_schema.columns
      where table_schema = 'public' and column_default = 'now()'
    loop
      execute format('alter table %I alter column %I set default test_clock.now()', found.table_name, found.column_name);
    end loop;
  end $$`;

/**
 * Moves the clock of a test's database forward: the result of `now()` in statements and column defaults.
 * Affects connections that are opened after `install`: their search path finds our `now()` before PostgreSQL's.
 */
export class DatabaseClock {
  #url: string;

  private constructor(url: string) {
    this.#url = url;
  }

  static async install(url: string): Promise<DatabaseClock> {
    const clock = new DatabaseClock(url);
    await clock.#run(INSTALL_SQL);
    return clock;
  }

  /** Moves the clock to the start of the next minute, so that the following steps fall into one minute. */
  async startMinute(): Promise<void> {
    await this.#run(
      `update test_clock.ahead
         set by = date_trunc('minute', test_clock.now() + interval '1 minute') - pg_catalog.now()`,
    );
  }

  /** @param by a PostgreSQL interval */
  async advance(by: string): Promise<void> {
    await this.#run('update test_clock.ahead set by = by + $1::interval', [by]);
  }

  async #run(statements: string, parameters?: string[]): Promise<void> {
    const { pool, close } = connectDatabase(this.#url);
    await pool.query(statements, parameters);
    await close();
  }
}
