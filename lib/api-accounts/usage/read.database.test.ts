import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Connection, connectDatabase } from '#db/client.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { avoidTimeBoundary } from '#lib/testing/clock.ts';
import { readUsage } from './read.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let db: TestDatabase;
let administrator: Administrator;
let id: string;
/** Connections with other session time zones. */
let zonedConnections: Connection[];

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  zonedConnections = ['America/St_Johns', 'Pacific/Kiritimati', 'Europe/London', 'UTC'].map((zone) => {
    const url = new URL(db.url);
    url.search = `options=${encodeURIComponent(`-c timezone=${zone}`)}`;
    return connectDatabase(url.href);
  });
});
beforeEach(async () => {
  await avoidTimeBoundary(db.pool, 'hour');
  id = (await createTestAccount(db.database, administrator)).id;
});
afterAll(async () => {
  for (const connection of zonedConnections) await connection.close();
  await db.drop();
});

/** Reads the database's clock, in milliseconds. */
async function readClock(): Promise<number> {
  const { rows } = await db.pool.query<{ at: Date }>('select now() as at');
  return rows[0]?.at.getTime() ?? Number.NaN;
}

async function insertMinute(at: number, allowed: number, inactive = 0, limited = 0) {
  const minute = new Date(Math.floor(at / 60_000) * 60_000);
  await db.pool.query('insert into api_account_minutes values ($1, $2, $3, $4, $5)', [
    id,
    minute,
    allowed,
    inactive,
    limited,
  ]);
}

async function readAccountUsage(database = db.database) {
  const usage = await readUsage(database, administrator, { id });
  if (!usage) throw new Error('no account');
  return usage;
}

describe('readUsage', () => {
  it('includes hours and days without a request, up to the current ones', async () => {
    const now = await readClock();
    const { lastUsedAt, readAt, hours, days } = await readAccountUsage();
    const zero = { allowed: 0, inactive: 0, limited: 0 };
    expect(lastUsedAt).toBeNull();
    expect(readAt.getTime()).toBeGreaterThanOrEqual(now);
    expect([hours.total, days.total]).toEqual([zero, zero]);
    const thisHour = (hours.buckets.at(-1)?.from.getTime() ?? 0) as number;
    expect(now - thisHour).toBeLessThan(HOUR);
    expect(thisHour % HOUR).toBe(0);
    expect(hours.buckets).toEqual(
      Array.from({ length: 24 }, (_, index) => ({
        from: new Date(thisHour - (23 - index) * HOUR),
        ...zero,
      })),
    );
    const today = Math.floor(thisHour / DAY) * DAY;
    expect(days.buckets).toEqual(
      Array.from({ length: 30 }, (_, index) => ({ from: new Date(today - (29 - index) * DAY), ...zero })),
    );
  });

  it('adds each minute to its hour and day (UTC), in any session time zone', async () => {
    const { hours, days } = await readAccountUsage();
    const getHour = (index: number) => hours.buckets[index]?.from.getTime() ?? 0;
    const getDay = (index: number) => days.buckets[index]?.from.getTime() ?? 0;
    await insertMinute(getHour(0), 1, 2, 3);
    await insertMinute(getHour(0) - 60_000, 10);
    await insertMinute(getHour(5) + 59 * 60_000, 20, 0, 1);
    await insertMinute(getHour(6), 30, 4);
    await insertMinute(getDay(0), 40, 0, 5);
    await insertMinute(getDay(0) - 60_000, 1_000);
    await insertMinute(getDay(10) + DAY - 60_000, 50);
    await insertMinute(getDay(11), 60);
    await db.pool.query('update api_account_usage set last_used_at = $2 where account_id = $1', [
      id,
      new Date(getHour(6) + 1),
    ]);
    const reads = await Promise.all(zonedConnections.map(({ database }) => readAccountUsage(database)));
    for (const usage of reads) {
      expect({ ...usage, readAt: null }).toEqual({ ...reads[0], readAt: null });
      expect(usage.lastUsedAt).toEqual(new Date(getHour(6) + 1));
      expect(usage.hours.buckets[0]).toMatchObject({ allowed: 1, inactive: 2, limited: 3 });
      expect(usage.hours.buckets[5]).toMatchObject({ allowed: 20, limited: 1 });
      expect(usage.hours.buckets[6]).toMatchObject({ allowed: 30, inactive: 4 });
      expect(usage.hours.total).toEqual({ allowed: 51, inactive: 6, limited: 4 });
      expect(usage.days.buckets[0]).toMatchObject({ allowed: 40, limited: 5 });
      expect(usage.days.buckets[10]).toMatchObject({ allowed: 50 });
      expect(usage.days.buckets[11]).toMatchObject({ allowed: 60 });
      expect(usage.days.total).toEqual({ allowed: 211, inactive: 6, limited: 9 });
    }
  });

  it('adds the rows of a day in both tables', async () => {
    const { days } = await readAccountUsage();
    const getDay = (index: number) => days.buckets[index]?.from ?? new Date(0);
    await insertMinute(getDay(3).getTime(), 5, 6, 7);
    await db.pool.query(
      "insert into api_account_days values ($1, ($2::timestamptz at time zone 'UTC')::date, 100, 10, 1)",
      [id, getDay(3)],
    );
    const usage = await readAccountUsage();
    expect(usage.days.buckets[3]).toMatchObject({ allowed: 105, inactive: 16, limited: 8 });
  });

  it('reads only its account, and returns null for an unknown account', async () => {
    await insertMinute(await readClock(), 5);
    const other = await createTestAccount(db.database, administrator);
    const usage = await readUsage(db.database, administrator, { id: other.id });
    expect(usage?.days.total.allowed).toBe(0);
    const unknown = { id: '00000000-0000-7000-8000-000000000000' };
    expect(await readUsage(db.database, administrator, unknown)).toBeNull();
  });
});
