import { Agent } from 'node:http';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { atScale } from '#lib/testing/scale.ts';
import { TcpProxy } from '#lib/testing/tcp-proxy.ts';
import { until } from '#lib/testing/until.ts';
import {
  generateLoad,
  insertAccountWithKey,
  requestVerifier,
  startTestVerifier,
} from '#lib/testing/verifier.ts';
import { LOOKUP_CONNECTIONS } from './verification.ts';

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

/** Counts the connections that are ready for lookups. Each runs one lookup when it opens, and is then idle. */
async function countLookupConnections(): Promise<number> {
  const { rows } = await db.pool.query<{ open: number }>(
    `select count(*)::int as open from pg_stat_activity
     where datname = current_database() and application_name = 'stagedoor verifier'
       and state = 'idle' and query like '%api_accounts%'`,
  );
  return rows[0]?.open ?? 0;
}

async function startVerifierBehindProxy() {
  const proxy = await TcpProxy.start(db.url);
  const verifier = await startTestVerifier(db.url, { lookupDatabaseUrl: proxy.url });
  onTestFinished(async () => {
    await verifier.close();
    await proxy.close();
  });
  // Wait until all are ready: the proxy must later hold back the results of lookups, not the opening of connections.
  expect(await until(countLookupConnections, (open) => open === LOOKUP_CONNECTIONS)).toBe(LOOKUP_CONNECTIONS);
  return { proxy, verifier };
}

it('never uses the result of a statement that was sent before the request arrived', async () => {
  const { proxy, verifier } = await startVerifierBehindProxy();
  const { id, key } = await insertAccountWithKey(db.pool);
  const verify = () => requestVerifier(verifier.port, { headers: { 'X-API-Key': key } });
  const setActive = (active: boolean) =>
    db.pool.query('update api_accounts set active = $2 where id = $1', [id, active]);
  expect(await verify()).toMatchObject({ status: 200 });

  proxy.mode = 'held';
  const pending = [verify()];
  await proxy.waitForHeldData();
  // The first lookup ran while the account was active, and its result is held back. Later lookups must see the change.
  await setActive(false);
  for (let busyConnections = 1; busyConnections < LOOKUP_CONNECTIONS; busyConnections += 1) {
    pending.push(verify());
    await proxy.waitForHeldData();
  }
  // All connections are busy, so these lookups wait.
  for (let waiting = 0; waiting < 20; waiting += 1) pending.push(verify());
  // Gives the requests above time to reach the verifier while all connections are busy.
  await requestVerifier(verifier.port, { path: '/healthz' });
  proxy.mode = 'open';

  const [first, ...later] = (await Promise.all(pending)).map(({ status }) => status);
  expect(first).toBe(200);
  expect(later).toEqual(Array(LOOKUP_CONNECTIONS - 1 + 20).fill(403));
});

it('matches results to the requests that share a statement, even if they have the same key', async () => {
  const { proxy, verifier } = await startVerifierBehindProxy();
  const accounts = await Promise.all(Array.from({ length: 40 }, () => insertAccountWithKey(db.pool)));
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  proxy.mode = 'held';
  const requestedAccounts = [...accounts, ...accounts, ...accounts.toReversed()];
  const pending = requestedAccounts.map(async ({ id, key, username }, index) => {
    const hasMatchingUsername = index % 3 !== 0;
    const sentUsername = hasMatchingUsername ? username : 'Another account';
    const headers = { Authorization: `Basic ${Buffer.from(`${sentUsername}:${key}`).toString('base64')}` };
    const response = await requestVerifier(verifier.port, { agent, headers });
    const expected = hasMatchingUsername ? `200,${id}` : '401,';
    return [response.status, response.headers['x-api-account-id']].join() === expected;
  });
  await proxy.waitForHeldData();
  proxy.mode = 'open';
  expect(await Promise.all(pending)).toEqual(requestedAccounts.map(() => true));
  const { body } = await requestVerifier(verifier.port, { path: '/metrics' });
  const statements = Number(/^stagedoor_verifier_batch_size_count (\d+)$/m.exec(body)?.[1]);
  const lookups = Number(/^stagedoor_verifier_batch_size_sum (\d+)$/m.exec(body)?.[1]);
  expect(lookups).toBe(requestedAccounts.length);
  expect(statements).toBeLessThan(lookups);
});

it('responds correctly to valid, inactive and unknown keys under load', async () => {
  const { verifier } = await startVerifierBehindProxy();
  const [active, inactive] = await Promise.all([
    insertAccountWithKey(db.pool),
    insertAccountWithKey(db.pool, { active: false }),
  ]);
  const unknown = await insertAccountWithKey(db.pool);
  await db.pool.query('update api_accounts set key_digest = null where id = $1', [unknown.id]);
  const expected = new Map([
    [active.key, 200],
    [inactive.key, 403],
    [unknown.key, 401],
  ]);
  const wrongResponses: string[] = [];
  const load = generateLoad(verifier.port, {
    keys: [...expected.keys()],
    connections: 64,
    onResponse({ status }, key) {
      if (status !== expected.get(key)) wrongResponses.push(`${status} instead of ${expected.get(key)}`);
    },
  });
  await load.waitForResponses(atScale({ normal: 1_000, soak: 5_000 }));
  await load.stop();
  expect(wrongResponses).toEqual([]);
});
