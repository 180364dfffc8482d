import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { waitForCalm } from '#lib/testing/clock.ts';
import { letTextDaysPass, setTextRules, setTextsUsed } from '#lib/testing/texts.ts';
import { listRefusedTexts } from './list-refused.ts';
import { readTextUse } from './read-use.ts';

let test: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  test = await createTestDatabase();
  administrator = await testAdministrator(test.database);
  await waitForCalm(test.pool, 'day', 30_000);
});
afterAll(() => test.drop());

describe("what became of today's texts", () => {
  it('is nothing before the first', async () => {
    expect(await readTextUse(test.database)).toEqual({ queued: 0, refused: 0, perDay: 200 });
    expect(await listRefusedTexts(test.database, administrator)).toEqual([]);
  });

  it('is counted, and what was refused is listed, the newest first, for seven days', async () => {
    await setTextRules(test.database, { countries: ['NO'], perDay: 2 });
    const norwegian = await testAccount(test.database, administrator, { phone: '+4740612345' });
    await testAccount(test.database, administrator);
    const late = await testAccount(test.database, administrator, { phone: '+447894123987' });
    await setTextRules(test.database, { perDay: 2 });
    await resetApiKey(test.database, administrator, { id: norwegian.id });
    expect(await readTextUse(test.database)).toEqual({ queued: 2, refused: 2, perDay: 2 });
    const first = {
      account: { id: late.id, username: late.username },
      phoneEnd: '987',
      country: 'United Kingdom',
      failure: 'The ceiling of 2 texts a day (in UTC) for all accounts together was reached.',
    };
    const second = {
      account: { id: norwegian.id, username: norwegian.username },
      phoneEnd: '345',
      country: 'Norway',
      failure: 'Texts to Norway are not switched on.',
    };
    expect(await listRefusedTexts(test.database, administrator)).toMatchObject([second, first]);
    await letTextDaysPass(test.database, 6);
    expect(await readTextUse(test.database)).toEqual({ queued: 0, refused: 0, perDay: 2 });
    expect(await listRefusedTexts(test.database, administrator)).toHaveLength(2);
    await letTextDaysPass(test.database, 1);
    expect(await listRefusedTexts(test.database, administrator)).toEqual([]);
    await setTextsUsed(test.database, 1);
    expect(await readTextUse(test.database)).toMatchObject({ queued: 1 });
  });
});
