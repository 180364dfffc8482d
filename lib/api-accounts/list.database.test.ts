import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { createTestAccount, createTestAdministrator, revealKey } from '#lib/testing/accounts.ts';
import { type AccountQuery, listApiAccounts, PAGE_SIZE } from './list.ts';
import { type AccountFilter, DEFAULT_FILTER, SORT_COLUMNS } from './list-filter.ts';

let db: TestDatabase;
let administrator: Administrator;
const ACCOUNTS = 120;
const formatUsername = (index: number) => `Company ${String(index).padStart(3, '0')}`;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  for (let index = 0; index < ACCOUNTS; index += 1) {
    await createTestAccount(db.database, administrator, {
      username: formatUsername(index),
      // Five accounts share each email address, so that pages begin in the middle of equal values.
      email: `c${Math.floor(index / 5)}@example.com`,
      phone: `+4478941${String((index * 7) % ACCOUNTS).padStart(5, '0')}`,
    });
  }
  // The first forty accounts were never used, and the others in minutes that four accounts share.
  await db.pool.query(
    `update api_account_usage set last_used_at = now() - (right(username, 3)::int / 4) * interval '1 minute'
     from api_accounts where id = account_id and right(username, 3)::int >= 40`,
  );
  await db.pool.query(
    `update api_accounts set expires_at = now() + (10 - right(username, 1)::int) * interval '1 day'
     where username = any($1)`,
    [[3, 4, 5].map(formatUsername)],
  );
  await setDisplayName(1, 'Théâtre Große Straße');
  await setDisplayName(2, 'O’Brien “Stage” Ltd');
});
afterAll(() => db.drop());

const setDisplayName = (index: number, displayName: string) =>
  db.pool.query('update api_accounts set display_name = $2 where username = $1', [
    formatUsername(index),
    displayName,
  ]);

type TestQuery = Partial<AccountFilter> & Omit<AccountQuery, 'filter'>;

const list = ({ after, before, created, ...filter }: TestQuery = {}) =>
  listApiAccounts(db.database, administrator, {
    filter: { ...DEFAULT_FILTER, ...filter },
    after,
    before,
    created,
  });
type Page = Awaited<ReturnType<typeof list>>;
const getUsernames = (page: Page) => page.accounts.map((account) => account.username);

/** Reads all pages forwards, and again backwards from the last one. */
async function readAllPages(filter: Partial<AccountFilter>) {
  const forwards: Page[] = [await list(filter)];
  for (let next = forwards[0]?.next; next; next = forwards.at(-1)?.next)
    forwards.push(await list({ ...filter, after: next }));
  const backwards: Page[] = [];
  for (let previous = forwards.at(-1)?.previous; previous; previous = backwards.at(0)?.previous)
    backwards.unshift(await list({ ...filter, before: previous }));
  return { forwards, backwards };
}

describe('listApiAccounts', () => {
  it.each(
    SORT_COLUMNS.flatMap((sort) => [{ sort, order: 'asc' } as const, { sort, order: 'desc' } as const]),
  )('pages forwards and backwards without skipping or repeating an account: $sort $order', async (filter) => {
    const { forwards, backwards } = await readAllPages(filter);
    expect(forwards.map(({ offset, size }) => [offset, size])).toEqual([
      [0, PAGE_SIZE],
      [PAGE_SIZE, PAGE_SIZE],
      [2 * PAGE_SIZE, ACCOUNTS - 2 * PAGE_SIZE],
    ]);
    expect(new Set(forwards.flatMap(getUsernames)).size).toBe(ACCOUNTS);
    expect(backwards.map(getUsernames)).toEqual(forwards.slice(0, -1).map(getUsernames));
    expect(backwards.map(({ offset, size }) => [offset, size])).toEqual([
      [0, PAGE_SIZE],
      [PAGE_SIZE, PAGE_SIZE],
    ]);
    expect(forwards[0]?.previous).toBeNull();
  });

  it('sorts by username', async () => {
    expect(getUsernames(await list())).toEqual(
      Array.from({ length: PAGE_SIZE }, (_, index) => formatUsername(index)),
    );
    expect(getUsernames(await list({ order: 'desc' }))[0]).toBe(formatUsername(ACCOUNTS - 1));
  });

  it('sorts by phone number and by email address', async () => {
    for (const sort of ['phone', 'email'] as const) {
      const values = (await list({ sort })).accounts.map((account) => account[sort]);
      expect(values).toEqual(values.toSorted());
    }
  });

  it('sorts by creation', async () => {
    const times = (await list({ sort: 'created', order: 'desc' })).accounts.map(({ createdAt }) => createdAt);
    expect(times).toEqual(times.toSorted((one, other) => Number(other) - Number(one)));
    expect((await list({ sort: 'created' })).accounts[0]?.username).toBe(formatUsername(0));
  });

  it('sorts by expiry, with the accounts that do not expire at the end of time', async () => {
    const { accounts } = await list({ sort: 'expires' });
    expect(accounts.slice(0, 4).map(({ username }) => username)).toEqual(
      [5, 4, 3].map(formatUsername).concat(accounts[3]?.username ?? ''),
    );
    expect(accounts[3]?.expiresAt).toBeNull();
    expect((await list({ sort: 'expires', order: 'desc' })).accounts[0]?.expiresAt).toBeNull();
  });

  it('sorts by the last use, with the accounts that were never used at the end of time', async () => {
    const recentFirst = (await list({ sort: 'last_used', order: 'desc' })).accounts;
    expect(recentFirst[0]?.username).toMatch(/^Company 04[0-3]$/);
    const minutes = recentFirst.map(({ lastUsedAt }) => Math.floor(Number(lastUsedAt) / 60_000));
    expect(minutes).toEqual(minutes.toSorted((one, other) => other - one));
    const neverFirst = (await list({ sort: 'last_used' })).accounts;
    expect(neverFirst.slice(0, 41).map(({ lastUsedAt }) => lastUsedAt !== null)).toEqual([
      ...Array(40).fill(false),
      true,
    ]);
  });

  it.each([
    ['COMPANY 07', 10],
    ['c11@', 5],
    ['+44 7894 100007', 1],
    ['07894 1000', 100],
    ['(+44) 78941', 120],
    ['THÉÂTRE gro', 1],
    ['große straße', 1],
    ['o’brien “st', 1],
    ['%', 0],
    ['_', 0],
    ['\\', 0],
    // PostgreSQL cannot store NUL, so it is removed, and an empty search finds all.
    ['\0', 120],
    ['no such', 0],
    // One or two characters begin a username, a display name, an email address or a phone number.
    ['co', 120],
    ['O', 1],
    ['c1', 55],
    ['+4', 120],
    ['th', 1],
    ['é', 1],
    ['è', 0],
  ])(
    'searches usernames, display names, email addresses and phone numbers for the literal text %j',
    async (search, count) => {
      const page = await list({ search });
      expect(page.counts.all).toEqual({ count, isExact: true });
      expect(page.size).toBe(Math.min(count, PAGE_SIZE));
    },
  );

  it.each(['', '!!!', 'AAAA', '\0', btoa('["x","y",0]'), btoa('["x",1]')])(
    'shows the first page for a forged cursor: %j',
    async (cursor) => {
      for (const query of [
        { after: cursor },
        { before: cursor },
        { after: cursor, sort: 'last_used' as const },
      ])
        expect(await list(query)).toMatchObject({ offset: 0, previous: null, size: PAGE_SIZE });
    },
  );

  it('shows the first page for the cursor of another order', async () => {
    const after = (await list()).next ?? '';
    expect(await list({ after, sort: 'last_used' })).toMatchObject({ size: PAGE_SIZE, previous: null });
  });

  it('shows the created account first and once, wherever it belongs', async () => {
    const [last] = (await list({ order: 'desc' })).accounts;
    const withLast = await list({ created: last?.id });
    expect(withLast.created?.username).toBe(formatUsername(ACCOUNTS - 1));
    expect(getUsernames(withLast)).toHaveLength(PAGE_SIZE);
    const [first] = (await list()).accounts;
    const withFirst = await list({ created: first?.id });
    expect(withFirst).toMatchObject({ created: { username: formatUsername(0) }, offset: 0, size: PAGE_SIZE });
    expect(getUsernames(withFirst)).not.toContain(formatUsername(0));
    expect((await list({ created: crypto.randomUUID() })).created).toBeNull();
  });

  it('returns only the listed columns, and nothing of the key', async () => {
    const [account] = (await list({ search: formatUsername(3) })).accounts;
    await revealKey(db.database, account?.id ?? '');
    const [after] = (await list({ search: formatUsername(3) })).accounts;
    expect(Object.keys(after ?? {}).sort()).toEqual(
      [
        'active',
        'createdAt',
        'deliveryProblems',
        'displayName',
        'email',
        'expiresAt',
        'hasKey',
        'id',
        'isNetworkRefused',
        'lastUsedAt',
        'leak',
        'oldKey',
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
