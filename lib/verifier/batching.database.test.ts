import { Agent } from 'node:http';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { atScale } from '#lib/testing/scale.ts';
import { TcpProxy } from '#lib/testing/tcp-proxy.ts';
import { until } from '#lib/testing/until.ts';
import { accountWithKey, ask, hammer, startTestVerifier } from '#lib/testing/verifying.ts';
import { LINES } from './verification.ts';

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

/** Connections that have had an answer to their first lookup. */
async function countOpenForLookups(): Promise<number> {
  const { rows } = await test.pool.query<{ open: number }>(
    `select count(*)::int as open from pg_stat_activity
     where datname = current_database() and application_name = 'stagedoor verifier'
       and state = 'idle' and query like '%api_accounts%'`,
  );
  return rows[0]?.open ?? 0;
}

async function startHeldVerifier() {
  const proxy = await TcpProxy.start(test.url);
  const verifier = await startTestVerifier(test.url, { lookupDatabaseUrl: proxy.url });
  onTestFinished(async () => {
    await verifier.close();
    await proxy.close();
  });
  // Else what is held later might be a connection that is still being opened.
  expect(await until(countOpenForLookups, (open) => open === LINES)).toBe(LINES);
  return { proxy, verifier };
}

it('gives no request an answer from a statement that was sent before the request arrived', async () => {
  const { proxy, verifier } = await startHeldVerifier();
  const { id, key } = await accountWithKey(test.pool);
  const verify = () => ask(verifier.port, { headers: { 'X-API-Key': key } });
  const set = (active: boolean) =>
    test.pool.query('update api_accounts set active = $2 where id = $1', [id, active]);
  expect(await verify()).toMatchObject({ status: 200 });

  proxy.mode = 'held';
  const asked = [verify()];
  await proxy.somethingHeld();
  // The first was looked up while the account was active, and its answer is on its way. From here on it is not.
  await set(false);
  for (let busy = 1; busy < LINES; busy += 1) {
    asked.push(verify());
    await proxy.somethingHeld();
  }
  // All connections are busy: what comes now waits for one.
  for (let more = 0; more < 20; more += 1) asked.push(verify());
  await ask(verifier.port, { path: '/healthz' });
  proxy.mode = 'open';

  const [first, ...later] = (await Promise.all(asked)).map(({ status }) => status);
  expect(first).toBe(200);
  expect(later).toEqual(Array(LINES - 1 + 20).fill(403));
});

it('tells requests apart that go together into one statement, also such as ask with the same key', async () => {
  const { proxy, verifier } = await startHeldVerifier();
  const accounts = await Promise.all(Array.from({ length: 40 }, () => accountWithKey(test.pool)));
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  proxy.mode = 'held';
  const keys = [...accounts, ...accounts, ...accounts.toReversed()];
  const asked = keys.map(async ({ id, key, username }, index) => {
    const isOwn = index % 3 !== 0;
    const name = isOwn ? username : 'Somebody else';
    const headers = { Authorization: `Basic ${Buffer.from(`${name}:${key}`).toString('base64')}` };
    const answer = await ask(verifier.port, { agent, headers });
    return [answer.status, answer.headers['x-api-account-id']].join() === (isOwn ? `200,${id}` : '401,');
  });
  await proxy.somethingHeld();
  proxy.mode = 'open';
  expect(await Promise.all(asked)).toEqual(keys.map(() => true));
  const { body } = await ask(verifier.port, { path: '/metrics' });
  const statements = Number(/^stagedoor_verifier_batch_size_count (\d+)$/m.exec(body)?.[1]);
  const lookups = Number(/^stagedoor_verifier_batch_size_sum (\d+)$/m.exec(body)?.[1]);
  expect(lookups).toBe(keys.length);
  expect(statements).toBeLessThan(lookups);
});

it('answers right and wrong keys, active and inactive accounts, each for itself under load', async () => {
  const { verifier } = await startHeldVerifier();
  const [good, idle] = await Promise.all([
    accountWithKey(test.pool),
    accountWithKey(test.pool, { active: false }),
  ]);
  const unknown = await accountWithKey(test.pool);
  await test.pool.query('update api_accounts set key_digest = null where id = $1', [unknown.id]);
  const expected = new Map([
    [good.key, 200],
    [idle.key, 403],
    [unknown.key, 401],
  ]);
  const wrong: string[] = [];
  const load = hammer(verifier.port, {
    keys: [...expected.keys()],
    connections: 64,
    onAnswer({ status }, key) {
      if (status !== expected.get(key)) wrong.push(`${status} instead of ${expected.get(key)}`);
    },
  });
  await load.answers(atScale({ normal: 1_000, soak: 5_000 }));
  await load.stop();
  expect(wrong).toEqual([]);
});
