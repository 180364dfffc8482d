import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { addUnchained } from '#lib/testing/audit-log.ts';
import { until } from '#lib/testing/until.ts';
import { startUpkeep } from './upkeep.ts';

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

const writeOldMinute = () =>
  test.pool.query(
    "insert into api_account_minutes values (gen_random_uuid(), now() - interval '960 hours', 5, 0, 0)",
  );

/** Waits until so many days are there. (A table tells nobody when it changes.) */
async function daysAre(count: number): Promise<void> {
  const read = async () => (await test.pool.query('select from api_account_days')).rowCount;
  expect(await until(read, (rows) => rows === count)).toBe(count);
}

it('rolls up at once, and again after a while', async () => {
  await writeOldMinute();
  const upkeep = startUpkeep(test.database, 20);
  await daysAre(1);
  await writeOldMinute();
  await daysAre(2);
  await upkeep.stop();
});

it('goes on after a failure, and says that there was one', async () => {
  const said = vi.mocked(process.stderr.write);
  await test.pool.query('truncate api_account_days');
  await test.pool.query('alter table api_account_minutes rename to elsewhere');
  const upkeep = startUpkeep(test.database, 20);
  await vi.waitFor(() => expect(String(said.mock.calls)).toContain('worker.roll_up_failed'));
  await test.pool.query('alter table elsewhere rename to api_account_minutes');
  await writeOldMinute();
  await daysAre(1);
  await upkeep.stop();
});

it('throws away receipts of webhook calls that are older than a day', async () => {
  await test.pool.query(
    `insert into webhook_receipts (id, signed_at, received_at) values
      ('old', now() - interval '26 hours', now() - interval '25 hours'), ('new', now(), now() - interval '23 hours')`,
  );
  const upkeep = startUpkeep(test.database);
  await upkeep.stop();
  expect((await test.pool.query('select id from webhook_receipts')).rows).toEqual([{ id: 'new' }]);
});

it('throws no entry of the audit log away unless a setting says so, and then the old ones', async () => {
  await addUnchained(test, 'old', '5 years');
  const count = async () => (await test.pool.query("select from audit_events where act = 'old'")).rowCount;
  await test.pool.query('truncate api_account_days');
  await writeOldMinute();
  const keeping = startUpkeep(test.database, 60_000);
  await daysAre(1);
  await keeping.stop();
  expect(await count()).toBe(1);
  settings().auditRetentionDays = 365;
  const pruning = startUpkeep(test.database, 60_000);
  expect(await until(count, (rows) => rows === 0)).toBe(0);
  await pruning.stop();
  settings().auditRetentionDays = null;
});
