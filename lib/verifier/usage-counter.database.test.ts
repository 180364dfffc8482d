import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { atScale } from '#lib/testing/scale.ts';
import { TcpProxy } from '#lib/testing/tcp-proxy.ts';
import { until } from '#lib/testing/until.ts';
import { createCountedRequest, insertAccountWithKey } from '#lib/testing/verifier.ts';
import { UsageCounter } from './usage-counter.ts';

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
beforeEach(() => db.pool.query('delete from api_account_usage'));
afterAll(() => db.drop());

/** Returns the seconds since each account's last use, by the database's clock. */
async function readUsageAges(): Promise<Map<string, number>> {
  const { rows } = await db.pool.query<{ id: string; age: number }>(
    'select account_id as id, extract(epoch from now() - last_used_at)::float8 as age from api_account_usage',
  );
  return new Map(rows.map(({ id, age }) => [id, age]));
}

it('writes the time of the use, not of the write', async () => {
  const { id } = await insertAccountWithKey(db.pool);
  const counter = new UsageCounter(db.url);
  onTestFinished(() => counter.close());
  counter.record(id, 'allowed', createCountedRequest());
  const recordedAt = performance.now();
  let readAt = recordedAt;
  const readNow = () => {
    readAt = performance.now();
    return readUsageAges();
  };
  const usage = await until(readNow, (rows) => rows.has(id));
  // The write happens up to a second after the use, so an age since the write would be shorter.
  expect(usage.get(id)).toBeGreaterThan((readAt - recordedAt) / 1_000 - 0.8);
  expect(usage.get(id)).toBeLessThan((performance.now() - recordedAt) / 1_000 + 0.1);
});

it('writes the IP address of the last use', async () => {
  const { id } = await insertAccountWithKey(db.pool);
  const write = async (record: (counter: UsageCounter) => void) => {
    const counter = new UsageCounter(db.url);
    record(counter);
    await counter.close();
    const { rows } = await db.pool.query('select last_address from api_account_usage where account_id = $1', [
      id,
    ]);
    return rows[0].last_address;
  };
  expect(await write((counter) => counter.record(id, 'allowed', createCountedRequest('2001:db8::1')))).toBe(
    '2001:db8::1',
  );
  const limited = await write((counter) => counter.record(id, 'limited', createCountedRequest('192.0.2.1')));
  expect(limited).toBe('2001:db8::1');
  expect(await write((counter) => counter.record(id, 'allowed', createCountedRequest()))).toBeNull();
});

/** Returns the addresses of an account, with whether requests from there were allowed. */
async function readAddresses(id: string): Promise<[string, boolean][]> {
  const { rows } = await db.pool.query(
    'select address, allowed from api_account_addresses where account_id = $1 order by allowed desc, address',
    [id],
  );
  return rows.map(({ address, allowed }) => [address, allowed]);
}

it('writes the IP addresses of allowed and of refused requests, apart from tests', async () => {
  const { id } = await insertAccountWithKey(db.pool);
  const counter = new UsageCounter(db.url, { trustedProxies: 2 });
  for (let count = 0; count < 3; count += 1) counter.record(id, 'allowed', createCountedRequest('192.0.2.1'));
  counter.record(id, 'allowedPrevious', createCountedRequest('2001:db8::1'));
  counter.record(id, 'networkNotAllowed', createCountedRequest('192.0.2.1'));
  for (const outcome of ['inactive', 'expired', 'insufficientScope', 'limited'] as const)
    counter.record(id, outcome, createCountedRequest('192.0.2.2'));
  counter.record(id, 'allowed', createCountedRequest('192.0.2.3', { isTest: true }));
  counter.record(id, 'networkNotAllowed', createCountedRequest('192.0.2.4', { isTest: true }));
  counter.record(id, 'allowed', createCountedRequest());
  await counter.close();
  expect(await readAddresses(id)).toEqual([
    ['192.0.2.1', true],
    ['2001:db8::1', true],
    ['192.0.2.1', false],
  ]);
  const { rows } = await db.pool.query('select trusted_proxies from usage_flushes order by at desc limit 1');
  expect(rows).toEqual([{ trusted_proxies: 2 }]);
});

it('bounds the IP addresses of an account, and renews those that it has', async () => {
  const { id } = await insertAccountWithKey(db.pool);
  await db.pool.query(
    `insert into api_account_addresses
     select $1, true, '192.0.2.' || n, now() - interval '1 day' from generate_series(1, 100) as n`,
    [id],
  );
  const counter = new UsageCounter(db.url);
  for (const address of ['192.0.2.1', '192.0.2.200'])
    counter.record(id, 'allowed', createCountedRequest(address));
  counter.record(id, 'networkNotAllowed', createCountedRequest('192.0.2.200'));
  await counter.close();
  const { rows } = await db.pool.query(
    `select address, allowed from api_account_addresses
     where account_id = $1 and last_seen_at > now() - interval '1 hour' order by allowed`,
    [id],
  );
  expect(rows).toEqual([
    { address: '192.0.2.200', allowed: false },
    { address: '192.0.2.1', allowed: true },
  ]);
});

it('reads no more than 16 IP addresses of an account between two writes', async () => {
  const { id } = await insertAccountWithKey(db.pool);
  const counter = new UsageCounter(db.url, { flushIntervalMs: 60_000 });
  for (let n = 0; n < 50; n += 1) counter.record(id, 'allowed', createCountedRequest(`192.0.2.${n}`));
  await counter.close();
  expect(await readAddresses(id)).toHaveLength(16);
});

it('writes the last uses of the current and of the previous key', async () => {
  const { id } = await insertAccountWithKey(db.pool);
  const counter = new UsageCounter(db.url);
  counter.record(id, 'allowed', createCountedRequest());
  await delay(20);
  counter.record(id, 'allowedPrevious', createCountedRequest());
  await counter.close();
  const { rows } = await db.pool.query(
    `select last_used_at = previous_key_used_at as "isPreviousLast",
       extract(epoch from previous_key_used_at - current_key_used_at)::float8 as difference
     from api_account_usage where account_id = $1`,
    [id],
  );
  expect(rows).toMatchObject([{ isPreviousLast: true }]);
  // The ages are whole milliseconds.
  expect(rows[0].difference).toBeGreaterThan(0.015);
});

it('writes no last use and no IP address of an account that was deleted meanwhile', async () => {
  const { id } = await insertAccountWithKey(db.pool);
  const counter = new UsageCounter(db.url);
  counter.record(id, 'allowed', createCountedRequest('192.0.2.1'));
  await db.pool.query('delete from api_accounts where id = $1', [id]);
  await counter.close();
  expect((await readUsageAges()).has(id)).toBe(false);
  expect(await readAddresses(id)).toEqual([]);
});

it('never replaces a last use by an earlier time', async () => {
  const { id } = await insertAccountWithKey(db.pool);
  await db.pool.query(
    `insert into api_account_usage (account_id, last_used_at, last_address)
    values ($1, now() + interval '1 hour', '192.0.2.1')`,
    [id],
  );
  const counter = new UsageCounter(db.url);
  counter.record(id, 'allowed', createCountedRequest('192.0.2.2'));
  await counter.close();
  expect((await readUsageAges()).get(id)).toBeLessThan(-3_500);
  const { rows } = await db.pool.query('select last_address from api_account_usage where account_id = $1', [
    id,
  ]);
  expect(rows).toEqual([{ last_address: '192.0.2.1' }]);
});

it('keeps counts during an outage, and writes them afterwards', async () => {
  const proxy = await TcpProxy.start(db.url);
  const { id } = await insertAccountWithKey(db.pool);
  const counter = new UsageCounter(proxy.url, atScale({ normal: { flushIntervalMs: 200 }, soak: {} }));
  onTestFinished(async () => {
    await counter.close();
    await proxy.close();
  });
  // A completed write shows that the connection is open.
  const { id: otherId } = await insertAccountWithKey(db.pool);
  counter.record(otherId, 'allowed', createCountedRequest());
  await until(readUsageAges, (rows) => rows.has(otherId));
  proxy.mode = 'silent';
  counter.record(id, 'allowed', createCountedRequest());
  const outageMs = atScale({ normal: 600, soak: 1_500 });
  await delay(outageMs);
  proxy.mode = 'open';
  const usage = await until(readUsageAges, (rows) => rows.has(id));
  expect(usage.get(id)).toBeGreaterThan(outageMs / 1_000 - 0.1);
});

it('does not deadlock if several verifiers write the same accounts concurrently', async () => {
  // With this many rows, PostgreSQL looks up each account in the given order.
  const { rows } = await db.pool.query<{ id: string }>(
    `insert into api_accounts (id, username, username_folded, email, phone)
     select gen_random_uuid(), number, number, 'it@example.com', '+447894123456' from generate_series(1, 20000) as number
     returning id`,
  );
  await db.pool.query('analyze api_accounts');
  const ids = rows.slice(0, 1_000).map(({ id }) => id);
  const stderr = vi.spyOn(process.stderr, 'write');
  for (let round = 0; round < atScale({ normal: 2, soak: 4 }); round += 1) {
    const counters = Array.from({ length: 4 }, () => new UsageCounter(db.url));
    counters.forEach((counter, index) => {
      for (const id of index % 2 ? ids : ids.toReversed())
        counter.record(id, 'allowed', createCountedRequest());
    });
    await Promise.all(counters.map((counter) => counter.close()));
  }
  expect(stderr.mock.calls.flat().join('')).not.toContain('usage_not_written');
  expect((await readUsageAges()).size).toBe(1_000);
});
