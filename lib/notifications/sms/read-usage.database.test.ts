import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { avoidTimeBoundary } from '#lib/testing/clock.ts';
import { letSmsDaysPass, setQueuedSmsCount, setSmsPolicy } from '#lib/testing/sms.ts';
import { listBlockedSms } from './list-blocked.ts';
import { readSmsUsage } from './read-usage.ts';

let db: TestDatabase;
let administrator: Administrator;
/** The next midnight in UTC. */
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
    expect(await readSmsUsage(db.database)).toEqual({ queued: 0, blocked: 0, perDay: 200, resetsAt });
    expect(await listBlockedSms(db.database, administrator)).toEqual([]);
  });

  it("count today's SMS, and list the blocked SMS of seven days, newest first", async () => {
    await setSmsPolicy(db.database, { countries: ['NO'], perDay: 2 });
    const norwegian = await createTestAccount(db.database, administrator, { phone: '+4740612345' });
    await createTestAccount(db.database, administrator);
    const overLimit = await createTestAccount(db.database, administrator, { phone: '+447894123987' });
    await setSmsPolicy(db.database, { perDay: 2 });
    await resetApiKey(db.database, administrator, { id: norwegian.id });
    expect(await readSmsUsage(db.database)).toEqual({ queued: 2, blocked: 2, perDay: 2, resetsAt });
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
    expect(await readSmsUsage(db.database)).toEqual({ queued: 0, blocked: 0, perDay: 2, resetsAt });
    expect(await listBlockedSms(db.database, administrator)).toHaveLength(2);
    await letSmsDaysPass(db.database, 1);
    expect(await listBlockedSms(db.database, administrator)).toEqual([]);
    await setQueuedSmsCount(db.database, 1);
    expect(await readSmsUsage(db.database)).toMatchObject({ queued: 1 });
  });
});
