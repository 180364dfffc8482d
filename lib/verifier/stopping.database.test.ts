import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { atScale } from '#lib/testing/scale.ts';
import { insertAccountWithKey, requestVerifier, startTestVerifier } from '#lib/testing/verifier.ts';

const CONNECTIONS = 32;

let db: TestDatabase;
let account: { id: string; key: string };

beforeAll(async () => {
  db = await createTestDatabase();
  account = await insertAccountWithKey(db.pool);
});
afterAll(() => db.drop());

it('completes every accepted request, stops within 15 seconds and writes the usage', async () => {
  const timing = atScale({ normal: { shutdownTimeoutMs: 2_000 }, soak: {} });
  const verifier = await startTestVerifier(db.url, { timing });
  const agent = new Agent({ keepAlive: true });
  const failures: string[] = [];
  let responseCount = 0;
  let [acceptedConnections, resolveAccepted] = [0, () => {}];
  const everyConnectionAccepted = new Promise<void>((resolve) => {
    resolveAccepted = resolve;
  });
  const sendRequests = async () => {
    for (let count = 0; ; count += 1) {
      const pending = requestVerifier(verifier.port, { agent, headers: { 'X-API-Key': account.key } });
      const response = await pending.catch((error: { code?: string }) => String(error.code));
      responseCount += 1;
      if (count === 0) acceptedConnections += 1;
      if (acceptedConnections === CONNECTIONS) resolveAccepted();
      if (typeof response === 'string' || response.status !== 200) failures.push(JSON.stringify(response));
      // This was the connection's last response. Open no new connection: the kernel might accept it, but the process would
      // not. A load balancer would send further requests to another verifier.
      if (typeof response === 'string' || response.headers.connection === 'close') return;
    }
  };
  const load = Promise.all(Array.from({ length: CONNECTIONS }, sendRequests));
  await everyConnectionAccepted;
  // From here on, only usage that is written later leaves a row.
  await db.pool.query('delete from api_account_usage');
  // The shutdown must not wait for a client that never completes its request.
  const incompleteClient = connect(verifier.port, '127.0.0.1').on('error', () => {});
  await once(incompleteClient, 'connect');
  incompleteClient.write('GET /verify HTTP/1.1\r\nX-API-');
  const startedAt = performance.now();
  await verifier.close();
  expect(performance.now() - startedAt).toBeLessThan(15_000);
  await load;
  agent.destroy();
  expect(failures).toEqual([]);
  expect(responseCount).toBeGreaterThan(CONNECTIONS);
  const { rowCount } = await db.pool.query('select from api_account_usage where account_id = $1', [
    account.id,
  ]);
  expect(rowCount).toBe(1);
});

it('responds 503 at /readyz while it stops', async () => {
  const verifier = await startTestVerifier(db.url);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect(await requestVerifier(verifier.port, { agent, path: '/readyz' })).toMatchObject({ status: 200 });
  const closed = verifier.close();
  const response = await requestVerifier(verifier.port, { agent, path: '/readyz' });
  expect(response).toMatchObject({ status: 503, headers: { connection: 'close' } });
  await closed;
  agent.destroy();
});

it('rejects a port that is in use', async () => {
  const verifier = await startTestVerifier(db.url);
  const { startVerifier } = await import('./server.ts');
  const options = { host: '127.0.0.1', databaseUrl: db.url, organisationName: 'X', apiKeyTag: 'stagekey' };
  await expect(startVerifier({ ...options, port: verifier.port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
  await verifier.close();
});

it('stops within 15 seconds even if the last usage counts cannot be written', async () => {
  const timing = atScale({ normal: { finalFlushTimeoutMs: 500 }, soak: {} });
  const verifier = await startTestVerifier(db.url, { timing });
  const lockingClient = await db.pool.connect();
  await lockingClient.query('begin');
  await lockingClient.query('lock table api_account_minutes');
  await requestVerifier(verifier.port, { headers: { 'X-API-Key': account.key } });
  const startedAt = performance.now();
  await verifier.close();
  expect(performance.now() - startedAt).toBeLessThan(15_000);
  await lockingClient.query('rollback');
  lockingClient.release();
});
