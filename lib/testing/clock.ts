import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';

/**
 * Waits for the next minute, hour or day (in UTC) where it is about to begin, so that it does not do so in mid-test.
 * @param needed milliseconds; longer than what has to happen within one of them takes
 */
export async function waitForCalm(
  pool: pg.Pool,
  unit: 'minute' | 'hour' | 'day',
  needed = 5_000,
): Promise<void> {
  const { rows } = await pool.query<{ left: number }>(
    `select (extract(epoch from date_trunc($1, now() at time zone 'UTC') + ('1 ' || $1)::interval
       - now() at time zone 'UTC') * 1000)::int as left`,
    [unit],
  );
  const left = rows[0]?.left ?? 0;
  if (left < needed) await delay(left + 1);
}
