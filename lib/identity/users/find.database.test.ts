import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { createTestUser } from '#lib/testing/test-users.ts';
import { findUsers } from './find.ts';
import { updateOwnName } from './update-own-name.ts';

let db: TestDatabase;
let administrator: Administrator;
beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  for (const name of ['Zoë Ødegård', 'Ann 100%', 'Bea Stage'])
    await updateOwnName(db.database, await createTestUser(db.database), { name });
});
afterAll(() => db.drop());

async function find(search: string, limit = 5) {
  const found = await findUsers(db.database, administrator, { search, limit });
  return found.map(({ name }) => name);
}

describe('findUsers', () => {
  it('finds users by name and email address, in the order of their names', async () => {
    expect(await find('ødegård')).toEqual(['Zoë Ødegård']);
    const [user] = await findUsers(db.database, administrator, { search: 'bea stage', limit: 5 });
    expect(await find(user?.email ?? '')).toEqual(['Bea Stage']);
    expect(await find('a', 2)).toEqual((await find('a')).slice(0, 2));
  });

  it('treats wildcards as text, and finds nothing for an empty text', async () => {
    expect(await find('0%')).toEqual(['Ann 100%']);
    expect(await find('%Stage')).toEqual([]);
    expect(await find('')).toEqual([]);
    expect(await find('\0')).toEqual([]);
  });

  it('returns nothing but what the palette shows', async () => {
    const [user] = await findUsers(db.database, administrator, { search: 'bea', limit: 5 });
    expect(Object.keys(user ?? {}).toSorted()).toEqual(['email', 'id', 'name']);
  });
});
