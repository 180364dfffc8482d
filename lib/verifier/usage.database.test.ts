import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { atScale } from '#lib/testing/scale.ts';
import { TcpProxy } from '#lib/testing/tcp-proxy.ts';
import { until } from '#lib/testing/until.ts';
import { accountWithKey } from '#lib/testing/verifying.ts';
import { UsageCounter } from './usage.ts';

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});
beforeEach(() => test.pool.query('delete from api_account_usage'));
afterAll(() => test.drop());

/** Seconds since each account's last use, by the database's clock. */
async function readUsage(): Promise<Map<string, number>> {
  const { rows } = await test.pool.query<{ id: string; age: number }>(
    'select account_id as id, extract(epoch from now() - last_used_at)::float8 as age from api_account_usage',
  );
  return new Map(rows.map(({ id, age }) => [id, age]));
}

it('is written within seconds, as the time of the use and not of the writing', async () => {
  const { id } = await accountWithKey(test.pool);
  const record = new UsageCounter(test.url);
  onTestFinished(() => record.close());
  record.note(id, 'allowed');
  const noted = performance.now();
  let readAt = noted;
  const readNow = () => {
    readAt = performance.now();
    return readUsage();
  };
  const usage = await until(readNow, (rows) => rows.has(id));
  // Written a second later, and read after that: an age by the time of the writing would be shorter.
  expect(usage.get(id)).toBeGreaterThan((readAt - noted) / 1_000 - 0.8);
  expect(usage.get(id)).toBeLessThan((performance.now() - noted) / 1_000 + 0.1);
});

it('never goes back: the later of two uses stands', async () => {
  const { id } = await accountWithKey(test.pool);
  await test.pool.query("insert into api_account_usage values ($1, now() + interval '1 hour')", [id]);
  const record = new UsageCounter(test.url);
  record.note(id, 'allowed');
  await record.close();
  expect((await readUsage()).get(id)).toBeLessThan(-3_500);
});

it('is kept while the database is away, and written when it is back', async () => {
  const proxy = await TcpProxy.start(test.url);
  const { id } = await accountWithKey(test.pool);
  const record = new UsageCounter(proxy.url, atScale({ normal: { flushEveryMs: 200 }, soak: {} }));
  onTestFinished(async () => {
    await record.close();
    await proxy.close();
  });
  // Its connection is open once it has written something.
  const { id: first } = await accountWithKey(test.pool);
  record.note(first, 'allowed');
  await until(readUsage, (rows) => rows.has(first));
  proxy.mode = 'silent';
  record.note(id, 'allowed');
  const awayMs = atScale({ normal: 600, soak: 1_500 });
  await delay(awayMs);
  proxy.mode = 'open';
  const usage = await until(readUsage, (rows) => rows.has(id));
  expect(usage.get(id)).toBeGreaterThan(awayMs / 1_000 - 0.1);
});

it('is written by several verifiers for the same accounts at once, and none waits for another in a circle', async () => {
  // So many that PostgreSQL looks each one up in the order it was given.
  const { rows } = await test.pool.query<{ id: string }>(
    `insert into api_accounts (id, username, username_folded, email, phone)
     select gen_random_uuid(), number, number, 'it@example.com', '+447894123456' from generate_series(1, 20000) as number
     returning id`,
  );
  await test.pool.query('analyze api_accounts');
  const ids = rows.slice(0, 1_000).map(({ id }) => id);
  const said = vi.spyOn(process.stderr, 'write');
  for (let round = 0; round < atScale({ normal: 2, soak: 4 }); round += 1) {
    const records = Array.from({ length: 4 }, () => new UsageCounter(test.url));
    records.forEach((record, index) => {
      for (const id of index % 2 ? ids : ids.toReversed()) record.note(id, 'allowed');
    });
    await Promise.all(records.map((record) => record.close()));
  }
  expect(said.mock.calls.flat().join('')).not.toContain('usage_not_written');
  expect((await readUsage()).size).toBe(1_000);
});
