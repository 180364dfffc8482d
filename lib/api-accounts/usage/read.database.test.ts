import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Connection, connectDatabase } from '#db/client.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { resetSettings } from '#lib/platform/config/settings.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { avoidTimeBoundary } from '#lib/testing/clock.ts';
import { readRecentUse, readUsage } from './read.ts';
import { NO_USAGE, type UsageCounts } from './schema.ts';

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
  await db.pool.query(
    'insert into api_account_minutes (account_id, minute, allowed, inactive, limited) values ($1, $2, $3, $4, $5)',
    [id, minute, allowed, inactive, limited],
  );
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
    expect(lastUsedAt).toBeNull();
    expect(readAt.getTime()).toBeGreaterThanOrEqual(now);
    expect([hours.total, days.total]).toEqual([NO_USAGE, NO_USAGE]);
    const thisHour = (hours.buckets.at(-1)?.from.getTime() ?? 0) as number;
    expect(now - thisHour).toBeLessThan(HOUR);
    expect(thisHour % HOUR).toBe(0);
    expect(hours.buckets).toEqual(
      Array.from({ length: 24 }, (_, index) => ({
        from: new Date(thisHour - (23 - index) * HOUR),
        ...NO_USAGE,
      })),
    );
    const today = Math.floor(thisHour / DAY) * DAY;
    expect(days.buckets).toEqual(
      Array.from({ length: 30 }, (_, index) => ({ from: new Date(today - (29 - index) * DAY), ...NO_USAGE })),
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
      expect(usage.hours.total).toEqual({ ...NO_USAGE, allowed: 51, inactive: 6, limited: 4 });
      expect(usage.days.buckets[0]).toMatchObject({ allowed: 40, limited: 5 });
      expect(usage.days.buckets[10]).toMatchObject({ allowed: 50 });
      expect(usage.days.buckets[11]).toMatchObject({ allowed: 60 });
      expect(usage.days.total).toEqual({ ...NO_USAGE, allowed: 211, inactive: 6, limited: 9 });
    }
  });

  it('adds the rows of a day in both tables, for each count', async () => {
    const { days, hours } = await readAccountUsage();
    const getDay = (index: number) => days.buckets[index]?.from ?? new Date(0);
    const insertCounts = (
      table: string,
      column: string,
      time: string,
      at: Date | undefined,
      counts: number[],
    ) =>
      db.pool.query(
        `insert into ${table} (account_id, ${column}, allowed, allowed_previous, inactive, expired, insufficient_scope,
           network_not_allowed, limited)
         values ($1, ${time}, $3, $4, $5, $6, $7, $8, $9)`,
        [id, at, ...counts],
      );
    const day = "($2::timestamptz at time zone 'UTC')::date";
    await insertCounts('api_account_minutes', 'minute', '$2', getDay(3), [1, 2, 3, 4, 5, 6, 7]);
    await insertCounts('api_account_days', 'day', day, getDay(3), [10, 20, 30, 40, 50, 60, 70]);
    const thisHour = hours.buckets.at(-1)?.from;
    await insertCounts('api_account_minutes', 'minute', '$2', thisHour, [2, 1, 0, 0, 3, 0, 0]);
    const usage = await readAccountUsage();
    const sum: UsageCounts = {
      allowed: 11,
      allowedPrevious: 22,
      inactive: 33,
      expired: 44,
      insufficientScope: 55,
      networkNotAllowed: 66,
      limited: 77,
    };
    const current = { allowed: 2, allowedPrevious: 1, insufficientScope: 3 };
    expect(usage.days.buckets[3]).toMatchObject(sum);
    expect(usage.hours.total).toEqual({ ...NO_USAGE, ...current });
    expect(usage.days.total).toEqual({ ...sum, allowed: 13, allowedPrevious: 23, insufficientScope: 58 });
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

describe('readRecentUse', () => {
  it.each(['UTC', 'Asia/Kathmandu'])('counts the allowed requests since midnight in %s', async (zone) => {
    vi.stubEnv('ORGANISATION_TIME_ZONE', zone);
    resetSettings();
    onTestFinished(() => {
      vi.unstubAllEnvs();
      resetSettings();
    });
    await avoidTimeBoundary(db.pool, 'day');
    const { rows } = await db.pool.query<{ at: Date }>(
      "select date_trunc('day', now() at time zone $1) at time zone $1 as at",
      [zone],
    );
    const midnight = rows[0]?.at.getTime() ?? 0;
    await insertMinute(midnight - 60_000, 1_000);
    await insertMinute(midnight, 3, 5, 7);
    await insertMinute(midnight + 60_000, 40);
    await db.pool.query(
      "update api_account_usage set last_used_at = now(), last_address = '192.0.2.7' where account_id = $1",
      [id],
    );
    await db.pool.query(
      `insert into api_account_addresses (account_id, allowed, address, last_seen_at)
       values ($1, true, '192.0.2.7', now()), ($1, true, '192.0.2.8', $2::timestamptz),
         ($1, true, '192.0.2.9', $2::timestamptz - interval '1 second'), ($1, false, '192.0.2.10', now())`,
      [id, new Date(midnight)],
    );
    expect(await readRecentUse(db.database, administrator, { id })).toEqual({
      lastUsedAt: expect.any(Date),
      lastIpAddress: '192.0.2.7',
      requestsToday: 43,
      addressesToday: 2,
      readAt: expect.any(Date),
    });
  });

  it('reads only its account, and returns null for an unknown account', async () => {
    await insertMinute(await readClock(), 5);
    const other = await createTestAccount(db.database, administrator);
    expect(await readRecentUse(db.database, administrator, { id: other.id })).toMatchObject({
      lastUsedAt: null,
      requestsToday: 0,
    });
    const unknown = { id: '00000000-0000-7000-8000-000000000000' };
    expect(await readRecentUse(db.database, administrator, unknown)).toBeNull();
  });
});
