import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { atScale } from '#lib/testing/scale.ts';
import { accountWithKey, ask, startTestVerifier } from '#lib/testing/verifying.ts';

const CONNECTIONS = 32;

let test: TestDatabase;
let account: { id: string; key: string };

beforeAll(async () => {
  test = await createTestDatabase();
  account = await accountWithKey(test.pool);
});
afterAll(() => test.drop());

it('fails no request that reached it, stops within 15 seconds, and writes down the last use', async () => {
  const timing = atScale({ normal: { longestStopMs: 2_000 }, soak: {} });
  const verifier = await startTestVerifier(test.url, { timing });
  const agent = new Agent({ keepAlive: true });
  const failures: string[] = [];
  let answered = 0;
  let [inTouch, allInTouch] = [0, () => {}];
  const everyConnectionAccepted = new Promise<void>((resolve) => {
    allInTouch = resolve;
  });
  const askOnAndOn = async () => {
    for (let asking = 0; ; asking += 1) {
      const asked = ask(verifier.port, { agent, headers: { 'X-API-Key': account.key } });
      const got = await asked.catch((error: { code?: string }) => String(error.code));
      answered += 1;
      if (asking === 0) inTouch += 1;
      if (inTouch === CONNECTIONS) allInTouch();
      if (typeof got === 'string' || got.status !== 200) failures.push(JSON.stringify(got));
      // The last answer of this connection. A new one might still be taken by the kernel and by nobody else: a
      // balancer sends elsewhere what was never accepted.
      if (typeof got === 'string' || got.headers.connection === 'close') return;
    }
  };
  const load = Promise.all(Array.from({ length: CONNECTIONS }, askOnAndOn));
  await everyConnectionAccepted;
  await test.pool.query('delete from api_account_usage');
  // Someone who never finishes a request is not waited for.
  const stuck = connect(verifier.port, '127.0.0.1').on('error', () => {});
  await once(stuck, 'connect');
  stuck.write('GET /verify HTTP/1.1\r\nX-API-');
  const begun = performance.now();
  await verifier.close();
  expect(performance.now() - begun).toBeLessThan(15_000);
  await load;
  agent.destroy();
  expect(failures).toEqual([]);
  expect(answered).toBeGreaterThan(CONNECTIONS);
  const { rowCount } = await test.pool.query('select from api_account_usage where account_id = $1', [
    account.id,
  ]);
  expect(rowCount).toBe(1);
}, 30_000);

it('is not ready any more while it stops', async () => {
  const verifier = await startTestVerifier(test.url);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect(await ask(verifier.port, { agent, path: '/readyz' })).toMatchObject({ status: 200 });
  const closed = verifier.close();
  const got = await ask(verifier.port, { agent, path: '/readyz' });
  expect(got).toMatchObject({ status: 503, headers: { connection: 'close' } });
  await closed;
  agent.destroy();
});

it('says that its port is taken, and leaves nothing behind', async () => {
  const verifier = await startTestVerifier(test.url);
  const { startVerifier } = await import('./server.ts');
  const options = { host: '127.0.0.1', databaseUrl: test.url, organisationName: 'X', apiKeyTag: 'stagekey' };
  await expect(startVerifier({ ...options, port: verifier.port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
  await verifier.close();
});

it('stops within 15 seconds also where the last uses cannot be written', async () => {
  const timing = atScale({ normal: { lastFlushMs: 500 }, soak: {} });
  const verifier = await startTestVerifier(test.url, { timing });
  const locker = await test.pool.connect();
  await locker.query('begin');
  await locker.query('lock table api_account_minutes');
  await ask(verifier.port, { headers: { 'X-API-Key': account.key } });
  const begun = performance.now();
  await verifier.close();
  expect(performance.now() - begun).toBeLessThan(15_000);
  await locker.query('rollback');
  locker.release();
});
