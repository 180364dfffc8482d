import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator, revealKey } from '#lib/testing/accounts.ts';
import { listApiAccounts, PAGE_SIZE } from './list.ts';

let db: TestDatabase;
let administrator: Administrator;
const formatUsername = (index: number) => `Company ${String(index).padStart(3, '0')}`;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  for (let index = 0; index < 120; index += 1) {
    await createTestAccount(db.database, administrator, {
      username: formatUsername(index),
      email: `c${index}@example.com`,
    });
  }
});
afterAll(() => db.drop());

const list = (query: { search?: string; after?: string; before?: string } = {}) =>
  listApiAccounts(db.database, administrator, { search: '', ...query });
const getUsernames = (page: Awaited<ReturnType<typeof list>>) =>
  page.accounts.map((account) => account.username);

describe('listApiAccounts', () => {
  it('pages forwards and backwards without skipping or repeating a row', async () => {
    const first = await list();
    expect(first).toMatchObject({ previous: null, total: 120 });
    expect(getUsernames(first)).toEqual(
      Array.from({ length: PAGE_SIZE }, (_, index) => formatUsername(index)),
    );
    const second = await list({ after: first.next ?? '' });
    const third = await list({ after: second.next ?? '' });
    expect(getUsernames(third)).toEqual(
      Array.from({ length: 20 }, (_, index) => formatUsername(100 + index)),
    );
    expect(third.next).toBeNull();
    expect(getUsernames(await list({ before: third.previous ?? '' }))).toEqual(getUsernames(second));
    const firstAgain = await list({ before: second.previous ?? '' });
    expect(getUsernames(firstAgain)).toEqual(getUsernames(first));
    expect(firstAgain.previous).toBeNull();
  });

  it.each([
    ['COMPANY 07', 10],
    ['c119@', 1],
    ['%', 0],
    ['_', 0],
    ['\\', 0],
    // PostgreSQL cannot store NUL, so it is removed, and an empty search finds all.
    ['\0', 120],
    ['no such', 0],
  ])('searches usernames and email addresses for the literal text %j', async (search, total) => {
    expect(await list({ search })).toMatchObject({ total });
  });

  it.each(['', '!!!', 'AAAA', '\0'])('tolerates a forged cursor: %j', async (after) => {
    await expect(list({ after })).resolves.toMatchObject({ total: 120 });
  });

  it('returns only the listed columns, and nothing of the key', async () => {
    const [account] = (await list({ search: formatUsername(3) })).accounts;
    await revealKey(db.database, account?.id ?? '');
    const [after] = (await list({ search: formatUsername(3) })).accounts;
    expect(Object.keys(after ?? {}).sort()).toEqual(
      [
        'active',
        'deliveryProblems',
        'email',
        'hasKey',
        'id',
        'lastUsedAt',
        'openReports',
        'phone',
        'requestsPerMinute',
        'revealId',
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
