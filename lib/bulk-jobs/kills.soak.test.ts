import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { createTestAdministrator } from '#lib/testing/accounts.ts';
import { atScale } from '#lib/testing/scale.ts';
import { shortenHeartbeats, startTestWorker } from '#lib/testing/worker-process.ts';
import { startBulkJob } from './start.ts';

const ACCOUNTS = atScale({ normal: 100, soak: 3_000 });
const KILLS = atScale({ normal: 1, soak: 20 });
/** Longer than a killed worker's job waits until it is retried. */
const WAIT = { timeout: 120_000, interval: 10 };

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
  await shortenHeartbeats(db.pool);
  await db.pool.query(
    `insert into api_accounts (id, username, username_folded, email, phone)
     select gen_random_uuid(), 'Many ' || n, 'many ' || n, 'm@example.com', '+447894123456' from generate_series(1, $1::int) n`,
    [ACCOUNTS],
  );
});
afterAll(() => db.drop());

async function count(text: string): Promise<number> {
  const { rows } = await db.pool.query<{ count: number }>(text);
  return rows[0]?.count ?? 0;
}
const countDone = () => count("select count(*)::int as count from bulk_job_items where state = 'done'");

test('changes each account exactly once, however often a worker is killed', async () => {
  const administrator = await createTestAdministrator(db.database);
  const result = await startBulkJob(db.database, administrator, {
    id: randomUUID(),
    selection: { filter: { search: '', status: 'all' } },
    change: { operation: 'deactivate' },
    count: ACCOUNTS,
  });
  expect(result.ok).toBe(true);
  // No message is sent, so no provider is asked.
  const start = () =>
    startTestWorker({
      name: `bulk${randomUUID().slice(0, 8)}`,
      databaseUrl: db.url,
      providerUrl: 'http://127.0.0.1:9',
    });
  for (let kills = 0; kills < KILLS; kills += 1) {
    const before = await countDone();
    const worker = await start();
    await vi.waitFor(async () => expect(await countDone()).toBeGreaterThan(before), WAIT);
    await worker.kill();
  }
  expect(await countDone()).toBeLessThan(ACCOUNTS);
  const worker = await start();
  const countEnded = () => count("select count(*)::int as count from bulk_jobs where state = 'done'");
  await vi.waitFor(async () => expect(await countEnded()).toBe(1), WAIT);
  expect(await worker.stop()).toBe(0);
  expect(await countDone()).toBe(ACCOUNTS);
  const events = await db.pool.query(
    `select count(*)::int as events, count(distinct account_id)::int as accounts from audit_events
         where action = 'api_account.deactivated'`,
  );
  expect(events.rows).toEqual([{ events: ACCOUNTS, accounts: ACCOUNTS }]);
});
