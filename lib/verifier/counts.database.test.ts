import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { atScale } from '#lib/testing/scale.ts';
import { TcpProxy } from '#lib/testing/tcp-proxy.ts';
import { until } from '#lib/testing/until.ts';
import { accountWithKey, ask, startTestVerifier } from '#lib/testing/verifying.ts';
import { Connection } from './connection.ts';
import { readDatabaseAddress } from './database-address.ts';
import { UsageCounter, type Use } from './usage.ts';
import { writeCounts } from './write-counts.ts';

/** How often counts are written. */
const OFTEN = atScale({ normal: { flushEveryMs: 200 }, soak: {} });

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

type Counts = { allowed: number; inactive: number; limited: number };
const NONE: Counts = { allowed: 0, inactive: 0, limited: 0 };

/** What was counted for an account, in all its minutes. */
async function countsOf(id: string): Promise<Counts> {
  const { rows } = await test.pool.query<Counts>(
    `select coalesce(sum(allowed), 0)::int as allowed, coalesce(sum(inactive), 0)::int as inactive,
       coalesce(sum(limited), 0)::int as limited
     from api_account_minutes where account_id = $1`,
    [id],
  );
  return rows[0] ?? NONE;
}

it('counts each answer for its account and minute: let through, not active, over the limit', async () => {
  const verifier = await startTestVerifier(test.url);
  const { id, key } = await accountWithKey(test.pool, { requestsPerMinute: 100 });
  const verify = async (times: number) => {
    for (let turn = 0; turn < times; turn += 1) await ask(verifier.port, { headers: { 'X-API-Key': key } });
  };
  const set = (column: string) => test.pool.query(`update api_accounts set ${column} where id = $1`, [id]);
  await verify(3);
  await set('active = false');
  await verify(2);
  await set('active = true, requests_per_minute = 1');
  await verify(4);
  await verifier.close();
  expect(await countsOf(id)).toEqual({ allowed: 3, inactive: 2, limited: 4 });
  const { rows } = await test.pool.query(
    `select distinct minute = date_trunc('minute', minute) as whole, now() - minute < interval '3 minutes' as recent
     from api_account_minutes where account_id = $1`,
    [id],
  );
  expect(rows).toEqual([{ whole: true, recent: true }]);
});

it('counts nothing for a wrong key or another’s username', async () => {
  const verifier = await startTestVerifier(test.url);
  const { id, key } = await accountWithKey(test.pool);
  const credential = Buffer.from(`Nobody:${key}`).toString('base64');
  await ask(verifier.port, { headers: { Authorization: `Basic ${credential}` } });
  await verifier.close();
  expect(await countsOf(id)).toEqual(NONE);
});

it('counts once what the database took and could not say so', async () => {
  const proxy = await TcpProxy.start(test.url);
  const record = new UsageCounter(proxy.url, OFTEN);
  const [first, second] = await Promise.all([accountWithKey(test.pool), accountWithKey(test.pool)]);
  record.note(first.id, 'allowed');
  await until(
    () => countsOf(first.id),
    ({ allowed }) => allowed === 1,
  );
  proxy.mode = 'held';
  for (let turn = 0; turn < 5; turn += 1) record.note(second.id, 'allowed');
  await proxy.somethingHeld();
  expect(await countsOf(second.id)).toMatchObject({ allowed: 5 });
  record.note(second.id, 'inactive');
  proxy.breakAll();
  proxy.mode = 'open';
  await record.close();
  await proxy.close();
  expect(await countsOf(second.id)).toEqual({ allowed: 5, inactive: 1, limited: 0 });
});

it('loses none of many accounts where writing them is interrupted', async () => {
  const proxy = await TcpProxy.start(test.url);
  const record = new UsageCounter(proxy.url, OFTEN);
  const ids = Array.from({ length: 25_000 }, () => crypto.randomUUID());
  await test.pool.query('delete from api_account_minutes');
  record.note(ids[0] ?? '', 'allowed');
  await until(
    () => countsOf(ids[0] ?? ''),
    ({ allowed }) => allowed === 1,
  );
  for (const id of ids.slice(1)) record.note(id, 'allowed');
  proxy.mode = 'held';
  await proxy.somethingHeld();
  for (const id of ids.slice(0, 100)) record.note(id, 'allowed');
  proxy.breakAll();
  proxy.mode = 'open';
  await record.close();
  await proxy.close();
  const { rows } = await test.pool.query(
    'select count(distinct account_id)::int as accounts, sum(allowed)::int as allowed from api_account_minutes',
  );
  expect(rows).toEqual([{ accounts: 25_000, allowed: 25_100 }]);
});

it('counts exactly, by several verifiers at once, while connections break all the time', async () => {
  const accounts = await Promise.all(Array.from({ length: 20 }, () => accountWithKey(test.pool)));
  const proxies = await Promise.all(Array.from({ length: 3 }, () => TcpProxy.start(test.url)));
  const records = proxies.map((proxy) => new UsageCounter(proxy.url, OFTEN));
  onTestFinished(async () => {
    await Promise.all(proxies.map((proxy) => proxy.close()));
  });
  const noted = new Map(accounts.map(({ id }) => [id, { ...NONE }]));
  const uses: Use[] = ['allowed', 'inactive', 'limited'];
  const rounds = atScale({ normal: 50, soak: 200 });
  for (let round = 0; round < rounds; round += 1) {
    accounts.forEach(({ id }, index) => {
      const use = uses[(round + index) % 3] ?? 'allowed';
      records[(round + index) % records.length]?.note(id, use);
      const counts = noted.get(id);
      if (counts) counts[use] += 1;
    });
    if (round % 7 === 0) proxies[round % proxies.length]?.breakAll();
    // So that counts are written meanwhile.
    await delay(20);
  }
  await Promise.all(records.map((record) => record.close()));
  for (const [id, counts] of noted) expect(await countsOf(id)).toEqual(counts);
});

it('puts what could not be written into the minutes that it belongs to', async () => {
  const record = new UsageCounter(test.url);
  const { id } = await accountWithKey(test.pool);
  record.note(id, 'allowed');
  await record.close();
  // As if it had been noted a minute and a half ago: the same statement, with an older age.
  const connection = await Connection.open(readDatabaseAddress(test.url), {}, ({ sql }) => sql`select 1`);
  const at = performance.now() - 90_000;
  const count = { accountId: id, at, usedAt: at, allowed: 2, inactive: 0, limited: 0 };
  const writer = crypto.randomUUID();
  for (let turn = 0; turn < 3; turn += 1) {
    await writeCounts(connection, { writer, number: 1, counts: [count, { ...count, at: at - 1 }] });
  }
  connection.abandon();
  const { rows } = await test.pool.query(
    `select sum(allowed)::int as allowed, minute < date_trunc('minute', now()) as earlier
     from api_account_minutes where account_id = $1 group by earlier order by earlier`,
    [id],
  );
  // The first one's minute may have ended by now.
  const [present = { allowed: 0 }, earlier = { allowed: 0 }] = [
    rows.find((row) => !row.earlier),
    rows.find((row) => row.earlier),
  ];
  expect(present.allowed + earlier.allowed).toBe(5);
  expect(earlier.allowed).toBeGreaterThanOrEqual(4);
});
