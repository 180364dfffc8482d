import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { findApiAccounts } from './find.ts';

let db: TestDatabase;
let administrator: Administrator;
beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  for (const username of ['Royal Opera', 'Opera North', 'Garsington', '100% Theatre'])
    await createTestAccount(db.database, administrator, { username });
});
afterAll(() => db.drop());

async function find(search: string, limit = 5) {
  const accounts = await findApiAccounts(db.database, administrator, { search, limit });
  return accounts.map(({ username }) => username);
}

describe('findApiAccounts', () => {
  it('returns accounts that contain the text, first those whose username begins with it', async () => {
    expect(await find('opera')).toEqual(['Opera North', 'Royal Opera']);
  });

  it('returns at most as many as asked for, with what the palette shows and nothing else', async () => {
    expect(await find('it', 1)).toHaveLength(1);
    const [account] = await findApiAccounts(db.database, administrator, { search: 'garsington', limit: 5 });
    expect(Object.keys(account ?? {}).toSorted()).toEqual(['email', 'id', 'username']);
  });

  it('treats wildcards as text, and finds nothing for an empty text', async () => {
    expect(await find('00%')).toEqual(['100% Theatre']);
    expect(await find('10')).toEqual(['100% Theatre']);
    expect(await find('1%')).toEqual([]);
    expect(await find('_')).toEqual([]);
    expect(await find('')).toEqual([]);
    expect(await find('\0')).toEqual([]);
  });
});
