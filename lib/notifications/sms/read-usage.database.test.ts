import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { avoidTimeBoundary } from '#lib/testing/clock.ts';
import { letSmsDaysPass, setSmsPolicy, setSmsUsed } from '#lib/testing/sms.ts';
import { listBlockedSms } from './list-blocked.ts';
import { readSmsUsage } from './read-usage.ts';

let test: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  test = await createTestDatabase();
  administrator = await testAdministrator(test.database);
  await avoidTimeBoundary(test.pool, 'day', 30_000);
});
afterAll(() => test.drop());

const resetsAt = new Date(new Date().setUTCHours(24, 0, 0, 0));

describe('readSmsUsage and listBlockedSms', () => {
  it('return nothing before the first SMS', async () => {
    expect(await readSmsUsage(test.database)).toEqual({ queued: 0, refused: 0, perDay: 200, resetsAt });
    expect(await listBlockedSms(test.database, administrator)).toEqual([]);
  });

  it("count today's SMS and list blocked ones, newest first, for seven days", async () => {
    await setSmsPolicy(test.database, { countries: ['NO'], perDay: 2 });
    const norwegian = await testAccount(test.database, administrator, { phone: '+4740612345' });
    await testAccount(test.database, administrator);
    const overLimit = await testAccount(test.database, administrator, { phone: '+447894123987' });
    await setSmsPolicy(test.database, { perDay: 2 });
    await resetApiKey(test.database, administrator, { id: norwegian.id });
    expect(await readSmsUsage(test.database)).toEqual({ queued: 2, refused: 2, perDay: 2, resetsAt });
    const first = {
      account: { id: overLimit.id, username: overLimit.username },
      phoneEnd: '987',
      country: 'United Kingdom',
      failure: 'the daily limit of 2 was reached',
    };
    const second = {
      account: { id: norwegian.id, username: norwegian.username },
      phoneEnd: '345',
      country: 'Norway',
      failure: 'texts to Norway are turned off',
    };
    expect(await listBlockedSms(test.database, administrator)).toMatchObject([second, first]);
    await letSmsDaysPass(test.database, 6);
    expect(await readSmsUsage(test.database)).toEqual({ queued: 0, refused: 0, perDay: 2, resetsAt });
    expect(await listBlockedSms(test.database, administrator)).toHaveLength(2);
    await letSmsDaysPass(test.database, 1);
    expect(await listBlockedSms(test.database, administrator)).toEqual([]);
    await setSmsUsed(test.database, 1);
    expect(await readSmsUsage(test.database)).toMatchObject({ queued: 1 });
  });
});
