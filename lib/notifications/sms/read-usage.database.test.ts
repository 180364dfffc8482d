import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { resetSettings } from '#lib/platform/config/settings.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { avoidTimeBoundary } from '#lib/testing/clock.ts';
import { deleteSmsData, letSmsDaysPass, setQueuedSmsCount, setSmsPolicy } from '#lib/testing/sms.ts';
import { listBlockedSms } from './list-blocked.ts';
import { getStartOfTomorrow, getToday } from './policy.ts';
import { readSmsUsage } from './read-usage.ts';

let db: TestDatabase;
let administrator: Administrator;
/** The next midnight in UTC, the default of ORGANISATION_TIME_ZONE. */
let resetsAt: Date;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  await avoidTimeBoundary(db.pool, 'day', 30_000);
  resetsAt = new Date(new Date().setUTCHours(24, 0, 0, 0));
});
afterAll(() => db.drop());

describe('readSmsUsage and listBlockedSms', () => {
  it('return 0 and an empty list before the first SMS', async () => {
    expect(await readSmsUsage(db.database)).toEqual({
      queued: 0,
      blocked: 0,
      perDay: 200,
      resetsAt,
      timeZone: 'UTC',
    });
    expect(await listBlockedSms(db.database, administrator)).toEqual([]);
  });

  it("count today's SMS, and list the blocked SMS of seven days, newest first", async () => {
    await setSmsPolicy(db.database, { countries: ['NO'], perDay: 2 });
    const norwegian = await createTestAccount(db.database, administrator, { phone: '+4740612345' });
    await createTestAccount(db.database, administrator);
    const overLimit = await createTestAccount(db.database, administrator, { phone: '+447894123987' });
    await setSmsPolicy(db.database, { perDay: 2 });
    await resetApiKey(db.database, administrator, { id: norwegian.id });
    expect(await readSmsUsage(db.database)).toEqual({
      queued: 2,
      blocked: 2,
      perDay: 2,
      resetsAt,
      timeZone: 'UTC',
    });
    const firstBlocked = {
      account: { id: overLimit.id, username: overLimit.username },
      phoneEnd: '987',
      country: 'United Kingdom',
      blockedReason: 'the daily limit of 2 was reached',
    };
    const secondBlocked = {
      account: { id: norwegian.id, username: norwegian.username },
      phoneEnd: '345',
      country: 'Norway',
      blockedReason: 'texts to Norway are turned off',
    };
    expect(await listBlockedSms(db.database, administrator)).toMatchObject([secondBlocked, firstBlocked]);
    await letSmsDaysPass(db.database, 6);
    expect(await readSmsUsage(db.database)).toEqual({
      queued: 0,
      blocked: 0,
      perDay: 2,
      resetsAt,
      timeZone: 'UTC',
    });
    expect(await listBlockedSms(db.database, administrator)).toHaveLength(2);
    await letSmsDaysPass(db.database, 1);
    expect(await listBlockedSms(db.database, administrator)).toEqual([]);
    await setQueuedSmsCount(db.database, 1);
    expect(await readSmsUsage(db.database)).toMatchObject({ queued: 1 });
  });
});

describe('readSmsUsage in the organisation’s time zone', () => {
  // 14 hours ahead of UTC and 12 behind it, so that in one of them another day than in UTC has begun at any time.
  it.each([
    ['Pacific/Kiritimati', 14],
    ['Etc/GMT+12', -12],
  ])('counts the day of %s, and resets at its midnight', async (timeZone, offsetHours) => {
    await avoidTimeBoundary(db.pool, 'hour');
    vi.stubEnv('ORGANISATION_TIME_ZONE', timeZone);
    resetSettings();
    try {
      await deleteSmsData(db.database);
      await setQueuedSmsCount(db.database, 3);
      const { rows } = await db.pool.query<{ day: string }>('select day::text from sms_counts');
      const localTime = new Date(Date.now() + offsetHours * 3_600_000);
      expect(rows).toEqual([{ day: localTime.toISOString().slice(0, 10) }]);
      const localMidnight = new Date(localTime).setUTCHours(24, 0, 0, 0);
      expect(await readSmsUsage(db.database)).toMatchObject({
        queued: 3,
        resetsAt: new Date(localMidnight - offsetHours * 3_600_000),
        timeZone,
      });
    } finally {
      vi.unstubAllEnvs();
      resetSettings();
    }
  });

  it.each([
    // The last day of summer time has 25 hours, the first one 23.
    ['Europe/London', '2026-10-24T23:00:00Z', '2026-10-25', '2026-10-26T00:00:00Z'],
    ['Europe/London', '2026-10-24T22:59:59Z', '2026-10-24', '2026-10-24T23:00:00Z'],
    ['Europe/London', '2026-03-29T00:00:00Z', '2026-03-29', '2026-03-29T23:00:00Z'],
    // Clocks go forward at midnight, so the day begins at 01:00.
    ['Africa/Cairo', '2026-04-23T21:59:59Z', '2026-04-23', '2026-04-23T22:00:00Z'],
    ['Africa/Cairo', '2026-04-23T22:00:00Z', '2026-04-24', '2026-04-24T21:00:00Z'],
  ])('follows the changes of the clocks: %s at %s', async (timeZone, now, today, startOfTomorrow) => {
    vi.stubEnv('ORGANISATION_TIME_ZONE', timeZone);
    resetSettings();
    try {
      const at = sql`${now}::timestamptz`;
      const { rows } = await db.database.execute(
        sql`select ${getToday(at)}::text as today, ${getStartOfTomorrow(at)} as "startOfTomorrow"`,
      );
      expect(rows).toEqual([{ today, startOfTomorrow }]);
    } finally {
      vi.unstubAllEnvs();
      resetSettings();
    }
  });
});
