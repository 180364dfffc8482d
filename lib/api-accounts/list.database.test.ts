import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { revealKey, testAccount, testAdministrator } from '#lib/testing/accounts.ts';
import { listApiAccounts, PAGE_SIZE } from './list.ts';

let db: TestDatabase;
let administrator: Administrator;
const usernameOf = (index: number) => `Company ${String(index).padStart(3, '0')}`;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await testAdministrator(db.database);
  for (let index = 0; index < 120; index += 1) {
    await testAccount(db.database, administrator, {
      username: usernameOf(index),
      email: `c${index}@example.com`,
    });
  }
});
afterAll(() => db.drop());

const list = (query: { search?: string; after?: string; before?: string } = {}) =>
  listApiAccounts(db.database, administrator, { search: '', ...query });
const usernames = (page: Awaited<ReturnType<typeof list>>) =>
  page.accounts.map((account) => account.username);

describe('listApiAccounts', () => {
  it('pages forwards and backwards without skipping or repeating a row', async () => {
    const first = await list();
    expect(first).toMatchObject({ previous: null, total: 120 });
    expect(usernames(first)).toEqual(Array.from({ length: PAGE_SIZE }, (_, index) => usernameOf(index)));
    const second = await list({ after: first.next ?? '' });
    const third = await list({ after: second.next ?? '' });
    expect(usernames(third)).toEqual(Array.from({ length: 20 }, (_, index) => usernameOf(100 + index)));
    expect(third.next).toBeNull();
    expect(usernames(await list({ before: third.previous ?? '' }))).toEqual(usernames(second));
    const back = await list({ before: second.previous ?? '' });
    expect(usernames(back)).toEqual(usernames(first));
    expect(back.previous).toBeNull();
  });

  it.each([
    ['COMPANY 07', 10],
    ['c119@', 1],
    ['%', 0],
    ['_', 0],
    ['\\', 0],
    ['\0', 120],
    ['no such', 0],
  ])('searches usernames and email addresses for %j literally', async (search, total) => {
    expect(await list({ search })).toMatchObject({ total });
  });

  it.each(['', '!!!', 'AAAA', '\0'])('tolerates a forged cursor: %j', async (after) => {
    await expect(list({ after })).resolves.toMatchObject({ total: 120 });
  });

  it('returns listed columns only, and nothing about the key', async () => {
    const [account] = (await list({ search: usernameOf(3) })).accounts;
    await revealKey(db.database, account?.id ?? '');
    const [after] = (await list({ search: usernameOf(3) })).accounts;
    expect(Object.keys(after ?? {}).sort()).toEqual(
      [
        'active',
        'deliveryFailures',
        'email',
        'id',
        'lastUsedAt',
        'openReports',
        'phone',
        'requestsPerMinute',
        'isRevealOpen',
        'status',
        'smsBlockedReason',
        'username',
        'version',
      ].sort(),
    );
    expect(after).toMatchObject({ status: 'active', isRevealOpen: false });
  });
});
