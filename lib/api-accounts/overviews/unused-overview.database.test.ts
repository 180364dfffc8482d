import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { listApiAccounts } from '#lib/api-accounts/list.ts';
import { DEFAULT_FILTER } from '#lib/api-accounts/list-filter.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { createTestAccount, createTestAdministrator, letTimePass, revealKey } from '#lib/testing/accounts.ts';
import { prepareMessage } from '#lib/worker/send-message.ts';
import { queueUnusedOverview } from './queue-unused-overview.ts';

let db: TestDatabase;
let administrator: Administrator;

beforeAll(async () => {
  db = await createTestDatabase();
  administrator = await createTestAdministrator(db.database);
  await createTestAdministrator(db.database, 'Bob');
  settings().organisationTimeZone = 'Pacific/Auckland';
});
afterAll(async () => {
  settings().organisationTimeZone = 'UTC';
  await db.drop();
});
beforeEach(async () => {
  await db.pool.query('delete from api_accounts; delete from api_account_usage; truncate overviews cascade');
});

/** Creates an account whose key was not collected for some days. */
async function createUncollected(days: number) {
  const account = await createTestAccount(db.database, administrator);
  await letTimePass(db.database, account.id, `${days} days`);
  return account;
}

/** Creates an account whose key was collected some days ago, and maybe used later. */
async function createCollected(days: number, lastUsedDays?: number) {
  const account = await createTestAccount(db.database, administrator);
  await revealKey(db.database, account.id);
  await db.pool.query(
    'update api_accounts set key_generated_at = now() - make_interval(days => $2) where id = $1',
    [account.id, days],
  );
  await db.pool.query(
    'update api_account_usage set last_used_at = now() - make_interval(days => $2) where account_id = $1',
    [account.id, lastUsedDays ?? null],
  );
  return account;
}

/** Lists the usernames of the tab of unused accounts. */
async function listUnused(search = ''): Promise<string[]> {
  const filter = { ...DEFAULT_FILTER, search, status: 'unused' } as const;
  const { accounts, counts } = await listApiAccounts(db.database, administrator, { filter });
  expect(counts.unused).toEqual({ count: accounts.length, isExact: true });
  return accounts.map(({ username }) => username).toSorted();
}

/** Queues the overview that is due at a time of the database's clock, and returns the number of its emails so far. */
async function run(at: string): Promise<number> {
  await queueUnusedOverview(db.database, sql.raw(at));
  return (await readMessages()).length;
}

async function readMessages(): Promise<string[]> {
  const { rows } = await db.pool.query("select id from messages where kind = 'unused_overview' order by id");
  return rows.map(({ id }) => id);
}

const at = (time: string) => `timestamptz '${time}'`;

describe('the tab of unused accounts', () => {
  it('lists keys that were not collected within 7 days, or not used for 90', async () => {
    const uncollected = await createUncollected(8);
    const neverUsed = await createCollected(91);
    const unused = await createCollected(200, 91);
    await createUncollected(6);
    await createCollected(89);
    await createCollected(200, 89);
    expect(await listUnused()).toEqual(
      [uncollected.username, neverUsed.username, unused.username].toSorted(),
    );
    expect(await listUnused(unused.username)).toEqual([unused.username]);
  });

  it.each([
    ['inactive', 'update api_accounts set active = false'],
    ['expired', "update api_accounts set expires_at = now() - interval '1 second'"],
  ])('does not list accounts that are %s', async (_, change) => {
    await createUncollected(8);
    await createCollected(91);
    expect(await listUnused()).toHaveLength(2);
    await db.pool.query(change);
    expect(await listUnused()).toEqual([]);
    expect(await run('now()')).toBe(0);
  });

  it('counts the 7 days from the last key delivery on', async () => {
    const { id } = await createUncollected(8);
    await resetApiKey(db.database, administrator, { id });
    expect(await listUnused()).toEqual([]);
    await letTimePass(db.database, id, '8 days');
    expect(await listUnused()).toHaveLength(1);
  });
});

describe('queueUnusedOverview', () => {
  it('queues one overview a week for each administrator, by the weeks of the organisation’s time zone', async () => {
    await createUncollected(8);
    // Monday 3 March 2031 begins in Auckland on Sunday at 11:00 UTC.
    expect(await run(at('2031-02-26T00:00:00Z'))).toBe(2);
    expect(await run(at('2031-03-02T10:59:00Z'))).toBe(2);
    expect(await run(at('2031-03-02T11:00:00Z'))).toBe(4);
    expect(await run(at('2031-03-09T10:59:00Z'))).toBe(4);
    expect(await run(at('2031-03-09T11:00:00Z'))).toBe(6);
  });

  it('queues it once if several workers do it at the same time', async () => {
    await createUncollected(8);
    await Promise.all(Array.from({ length: 6 }, () => run('now()')));
    expect(await readMessages()).toHaveLength(2);
  });

  it('queues nothing while there are no unused accounts, and the overview as soon as there are', async () => {
    expect(await run('now()')).toBe(0);
    await createUncollected(8);
    expect(await run('now()')).toBe(2);
  });
});

describe('prepareMessage for an overview of unused accounts', () => {
  it('lists the accounts with the reason', async () => {
    const uncollected = await createUncollected(8);
    const used = await createCollected(200, 91);
    const unused = await createCollected(100);
    await run('now()');
    const [id = ''] = await readMessages();
    const message = await prepareMessage(db.database, id);
    expect(message).toMatchObject({
      ...{ kind: 'unused_overview', total: 3 },
      link: `${settings().publicUrl}/settings/users/api-accounts?status=unused`,
    });
    const accounts = message?.kind === 'unused_overview' ? message.accounts : [];
    expect(accounts.find(({ username }) => username === uncollected.username)).toMatchObject({
      ...{ isCollected: false, lastUsedAt: null, startedAt: expect.any(Date) },
    });
    expect(accounts.find(({ username }) => username === used.username)).toMatchObject({
      ...{ isCollected: true, lastUsedAt: expect.any(Date) },
    });
    expect(accounts.find(({ username }) => username === unused.username)).toMatchObject({
      ...{ isCollected: true, lastUsedAt: null },
    });
  });

  it('names at most 20 accounts', async () => {
    await db.pool.query(
      `insert into api_accounts (id, username, username_folded, email, phone, key_digest, created_at)
         select gen_random_uuid(), 'Company ' || n, 'company ' || n, 'it@example.com', '+447894123456',
           sha256(n::text::bytea), now() - interval '1 year'
         from generate_series(1, 25) n;
       insert into api_account_usage (account_id) select id from api_accounts`,
    );
    await run('now()');
    const [id = ''] = await readMessages();
    const message = await prepareMessage(db.database, id);
    expect(message).toMatchObject({ total: 25 });
    expect(message?.kind === 'unused_overview' && message.accounts).toHaveLength(20);
  });

  it('returns null if no account is unused any more', async () => {
    await createUncollected(8);
    await run('now()');
    await db.pool.query('update api_accounts set active = false');
    const [id = ''] = await readMessages();
    expect(await prepareMessage(db.database, id)).toBeNull();
  });
});
