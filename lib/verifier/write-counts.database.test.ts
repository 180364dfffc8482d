import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { parseDatabaseUrl } from '#db/database-url.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { atScale } from '#lib/testing/scale.ts';
import { TcpProxy } from '#lib/testing/tcp-proxy.ts';
import { until } from '#lib/testing/until.ts';
import {
  createCountedRequest,
  insertAccountWithKey,
  requestVerifier,
  startTestVerifier,
} from '#lib/testing/verifier.ts';
import { Connection } from './connection.ts';
import { UsageCounter, type UsageOutcome } from './usage-counter.ts';
import { writeCounts } from './write-counts.ts';

const SHORT_INTERVAL = atScale({ normal: { flushIntervalMs: 200 }, soak: {} });

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

/** `allowed` includes `allowedPrevious`, as in the tables. */
type Counts = Record<UsageOutcome, number>;
const NO_COUNTS: Counts = {
  allowed: 0,
  allowedPrevious: 0,
  inactive: 0,
  expired: 0,
  insufficientScope: 0,
  networkNotAllowed: 0,
  limited: 0,
};

/** Returns an account's counts over all its minutes. */
async function readCounts(id: string): Promise<Counts> {
  const { rows } = await db.pool.query<Counts>(
    `select coalesce(sum(allowed), 0)::int as allowed, coalesce(sum(allowed_previous), 0)::int as "allowedPrevious",
       coalesce(sum(inactive), 0)::int as inactive, coalesce(sum(expired), 0)::int as expired,
       coalesce(sum(insufficient_scope), 0)::int as "insufficientScope",
       coalesce(sum(network_not_allowed), 0)::int as "networkNotAllowed",
       coalesce(sum(limited), 0)::int as limited
     from api_account_minutes where account_id = $1`,
    [id],
  );
  return rows[0] ?? NO_COUNTS;
}

it('counts allowed, inactive and rate-limited requests by account and minute', async () => {
  const verifier = await startTestVerifier(db.url);
  const { id, key } = await insertAccountWithKey(db.pool, { requestsPerMinute: 100 });
  const verify = async (times: number) => {
    for (let sent = 0; sent < times; sent += 1)
      await requestVerifier(verifier.port, { headers: { 'X-API-Key': key } });
  };
  const updateAccount = (assignments: string) =>
    db.pool.query(`update api_accounts set ${assignments} where id = $1`, [id]);
  await verify(3);
  await updateAccount('active = false');
  await verify(2);
  await updateAccount('active = true, requests_per_minute = 1');
  await verify(4);
  await verifier.close();
  expect(await readCounts(id)).toEqual({ ...NO_COUNTS, allowed: 3, inactive: 2, limited: 4 });
  const { rows } = await db.pool.query(
    `select distinct minute = date_trunc('minute', minute) as whole, now() - minute < interval '3 minutes' as recent
     from api_account_minutes where account_id = $1`,
    [id],
  );
  expect(rows).toEqual([{ whole: true, recent: true }]);
});

it("counts nothing if the username is not that of the key's account", async () => {
  const verifier = await startTestVerifier(db.url);
  const { id, key } = await insertAccountWithKey(db.pool);
  const credential = Buffer.from(`Other:${key}`).toString('base64');
  await requestVerifier(verifier.port, { headers: { Authorization: `Basic ${credential}` } });
  await verifier.close();
  expect(await readCounts(id)).toEqual(NO_COUNTS);
});

it('counts a flush once if the connection breaks between the commit and the response', async () => {
  const proxy = await TcpProxy.start(db.url);
  const counter = new UsageCounter(proxy.url, SHORT_INTERVAL);
  const [first, second] = await Promise.all([insertAccountWithKey(db.pool), insertAccountWithKey(db.pool)]);
  // A completed write shows that the connection is open.
  counter.record(first.id, 'allowed', createCountedRequest());
  await until(
    () => readCounts(first.id),
    ({ allowed }) => allowed === 1,
  );
  proxy.mode = 'held';
  for (let count = 0; count < 5; count += 1) counter.record(second.id, 'allowed', createCountedRequest());
  await proxy.waitForHeldData();
  expect(await readCounts(second.id)).toMatchObject({ allowed: 5 });
  counter.record(second.id, 'inactive', createCountedRequest());
  proxy.breakConnections();
  proxy.mode = 'open';
  await counter.close();
  await proxy.close();
  expect(await readCounts(second.id)).toEqual({ ...NO_COUNTS, allowed: 5, inactive: 1 });
});

it('loses no counts if a flush of many statements is interrupted', async () => {
  const proxy = await TcpProxy.start(db.url);
  const counter = new UsageCounter(proxy.url, SHORT_INTERVAL);
  const ids = Array.from({ length: 25_000 }, () => crypto.randomUUID());
  await db.pool.query('delete from api_account_minutes');
  // A completed write shows that the connection is open.
  counter.record(ids[0] ?? '', 'allowed', createCountedRequest());
  await until(
    () => readCounts(ids[0] ?? ''),
    ({ allowed }) => allowed === 1,
  );
  for (const id of ids.slice(1)) counter.record(id, 'allowed', createCountedRequest());
  proxy.mode = 'held';
  await proxy.waitForHeldData();
  for (const id of ids.slice(0, 100)) counter.record(id, 'allowed', createCountedRequest());
  proxy.breakConnections();
  proxy.mode = 'open';
  await counter.close();
  await proxy.close();
  const { rows } = await db.pool.query(
    'select count(distinct account_id)::int as accounts, sum(allowed)::int as allowed from api_account_minutes',
  );
  expect(rows).toEqual([{ accounts: 25_000, allowed: 25_100 }]);
});

it('counts exactly with several verifiers while connections keep breaking', async () => {
  const accounts = await Promise.all(Array.from({ length: 20 }, () => insertAccountWithKey(db.pool)));
  const proxies = await Promise.all(Array.from({ length: 3 }, () => TcpProxy.start(db.url)));
  const counters = proxies.map((proxy) => new UsageCounter(proxy.url, SHORT_INTERVAL));
  onTestFinished(async () => {
    await Promise.all(proxies.map((proxy) => proxy.close()));
  });
  const expected = new Map(accounts.map(({ id }) => [id, { ...NO_COUNTS }]));
  const outcomes = Object.keys(NO_COUNTS) as UsageOutcome[];
  const rounds = atScale({ normal: 20, soak: 200 });
  for (let round = 0; round < rounds; round += 1) {
    accounts.forEach(({ id }, index) => {
      const outcome = outcomes[(round + index) % outcomes.length] ?? 'allowed';
      counters[(round + index) % counters.length]?.record(id, outcome, createCountedRequest());
      const counts = expected.get(id);
      if (counts) counts[outcome] += 1;
      if (counts && outcome === 'allowedPrevious') counts.allowed += 1;
    });
    if (round % 7 === 0) proxies[round % proxies.length]?.breakConnections();
    // Leave time to write counts between the rounds.
    await delay(20);
  }
  await Promise.all(counters.map((counter) => counter.close()));
  for (const [id, counts] of expected) expect(await readCounts(id)).toEqual(counts);
});

it('adds delayed counts to the minutes in which they occurred', async () => {
  const counter = new UsageCounter(db.url);
  const { id } = await insertAccountWithKey(db.pool);
  counter.record(id, 'allowed', createCountedRequest());
  await counter.close();
  // Send counts as if they were a minute and a half old. After an outage, a flush has several counts of an account.
  // Of three flushes with the same number, one is applied.
  const connection = await Connection.open(parseDatabaseUrl(db.url), {}, ({ sql }) => sql`select 1`);
  const at = performance.now() - 90_000;
  const count = { accountId: id, at, ...NO_COUNTS, allowed: 2 };
  const writer = crypto.randomUUID();
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await writeCounts(connection, {
      writer,
      number: 1,
      trustedProxies: 0,
      counts: [count, { ...count, at: at - 1 }],
      uses: [],
    });
  }
  connection.abandon();
  const { rows } = await db.pool.query(
    `select sum(allowed)::int as allowed, minute < date_trunc('minute', now()) as earlier
     from api_account_minutes where account_id = $1 group by earlier order by earlier`,
    [id],
  );
  // If a new minute has begun since the first count, that count is in an earlier minute too.
  const [current = { allowed: 0 }, earlier = { allowed: 0 }] = [
    rows.find((row) => !row.earlier),
    rows.find((row) => row.earlier),
  ];
  expect(current.allowed + earlier.allowed).toBe(5);
  expect(earlier.allowed).toBeGreaterThanOrEqual(4);
});
