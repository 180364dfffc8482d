import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { countAllTabs } from '#lib/api-accounts/count.ts';
import { readSummaries } from '#lib/api-accounts/summary.ts';
import { verifyAuditLog } from '#lib/audit/verify.ts';
import { foldUsername } from '#lib/platform/user-input/name.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { generateAccount } from '../scripts/seed/generate-account.ts';
import { seedDatabase } from './seed-database.ts';
import { runInProcess } from './test-command.ts';

const ACCOUNTS = 2_000;

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

const run = (url: string, ...args: string[]) =>
  runInProcess(seedDatabase, { DATABASE_URL: url, STAGEDOOR_DATA: '' }, ...args);

async function readRows<Row>({ pool }: TestDatabase, query: string): Promise<Row[]> {
  return (await pool.query(query)).rows;
}

describe('npm run seed', () => {
  it('creates accounts with usage, key deliveries and a valid audit log, and continues after fewer', async () => {
    expect(await run(db.url, '500')).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^Created 500 acc/),
    });
    expect(await run(db.url, String(ACCOUNTS))).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^Created 1,500 accounts in [\d.]+ s\.$/),
    });
    expect(await run(db.url, '300')).toMatchObject({
      code: 0,
      output: expect.stringContaining('already has 300 accounts or more'),
    });
    const accounts = await readRows<{ id: string; username: string; username_folded: string }>(
      db,
      'select id, username, username_folded from api_accounts',
    );
    expect(accounts).toHaveLength(ACCOUNTS);
    for (const { username, username_folded } of accounts)
      expect(username_folded).toBe(foldUsername(username));
    const statuses = (
      await readSummaries(
        db.database,
        accounts.map(({ id }) => id),
      )
    ).map(({ status }) => status);
    for (const status of ['active', 'inactive', 'expired', 'awaiting_collection'])
      expect(statuses).toContain(status);
    for (const tab of Object.values(await countAllTabs(db.database, ACCOUNTS)))
      expect(tab?.count).toBeGreaterThan(0);
    const { checked, violation } = await verifyAuditLog(db.database);
    expect(violation).toBeNull();
    expect(checked).toBeGreaterThan(ACCOUNTS / 10);
    const [deliveries] = await readRows<Record<string, number>>(
      db,
      `select count(*)::int as messages, (select count(*)::int from delivery_reports) as reports,
          (select count(*)::int from api_account_days) as days,
          (select count(*)::int from api_account_usage where last_used_at is not null) as used from messages`,
    );
    for (const count of Object.values(deliveries ?? {})) expect(count).toBeGreaterThan(100);
  });

  it('creates no time in the future except expiries, and nothing for the worker to send', async () => {
    const columns = await readRows<{ table: string; column: string }>(
      db,
      `select table_name as table, column_name as column from information_schema.columns
        where table_schema = 'public' and data_type like 'timestamp%' and column_name not like '%expires_at'
          and column_name not in ('last_used_minute', 'attempt_until', 'next_attempt_at')`,
    );
    for (const { table, column } of columns)
      expect(await readRows(db, `select 1 from "${table}" where "${column}" > now() limit 1`)).toEqual([]);
    expect(await readRows(db, 'select 1 from pgboss.job limit 1')).toEqual([]);
    expect(
      await readRows(db, "select 1 from messages where state <> 'sent' or provider_id is not null"),
    ).toEqual([]);
  });

  it('refuses a database with other accounts, unless an option allows to add to them', async () => {
    const other = await createTestDatabase();
    const administrator = await createTestAdministrator(other.database);
    await createTestAccount(other.database, administrator);
    expect(await run(other.url, '10')).toMatchObject({
      code: 1,
      output: expect.stringContaining('The database has 1 account that this command did not create'),
    });
    expect(await readRows(other, 'select 1 from api_accounts')).toHaveLength(1);
    expect(await run(other.url, '10', '--add-to-existing')).toMatchObject({ code: 0 });
    await other.drop();
  });

  it.each([[], ['0'], ['many'], ['1', '2'], ['10', '--seed', 'x'], ['10', '--fast']])(
    'explains the invalid arguments %j',
    async (...args) => {
      expect(await run(db.url, ...args)).toMatchObject({
        code: 1,
        output: expect.stringContaining('npm run seed -- <number of accounts>'),
      });
    },
  );
});

describe('generateAccount', () => {
  const generate = (index: number, seed: number) =>
    generateAccount(index, { seed, now: new Date('2026-11-30T12:00:00Z'), accounts: 1_000 });

  it('generates the same account for the same index and seed', () => {
    expect(generate(40, 3)).toEqual(generate(40, 3));
    expect(generate(40, 4)).not.toEqual(generate(40, 3));
  });
});
