import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { generateKey } from '#lib/api-keys/api-key.ts';
import { TcpProxy } from '#lib/testing/tcp-proxy.ts';
import { until } from '#lib/testing/until.ts';
import { insertAccountWithKey, KEY_TAG, requestVerifier, startTestVerifier } from '#lib/testing/verifier.ts';

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

it('exports responses, latency, batch sizes, queue length and database errors, and neither keys nor accounts', async () => {
  const proxy = await TcpProxy.start(db.url);
  const verifier = await startTestVerifier(db.url, { lookupDatabaseUrl: proxy.url });
  const { key, username } = await insertAccountWithKey(db.pool, { requestsPerMinute: 1 });
  const inactive = await insertAccountWithKey(db.pool, { active: false });
  const unknown = generateKey(KEY_TAG);
  for (const sent of [key, key, unknown, 'nonsense', inactive.key]) {
    await requestVerifier(verifier.port, { headers: { 'X-API-Key': sent } });
  }
  const readMetrics = () => requestVerifier(verifier.port, { path: '/metrics' });
  const response = await readMetrics();
  expect(response).toMatchObject({
    status: 200,
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' },
  });
  const findValue = (body: string, name: string) =>
    Number(
      body
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1],
    );
  const countResponses = (status: number) =>
    findValue(response.body, `stagedoor_verifier_requests_total{status="${status}"}`);
  expect([200, 401, 403, 429].map(countResponses)).toEqual([1, 2, 1, 1]);
  expect(findValue(response.body, 'stagedoor_verifier_request_duration_seconds_count')).toBe(5);
  // The malformed key needed no lookup.
  expect(findValue(response.body, 'stagedoor_verifier_batch_size_sum')).toBe(4);
  expect(findValue(response.body, 'stagedoor_verifier_queue_length')).toBe(0);
  expect(findValue(response.body, 'process_resident_memory_bytes')).toBeGreaterThan(0);
  for (const secret of [key, unknown, username, inactive.id]) expect(response.body).not.toContain(secret);

  const countErrors = (body: string) => findValue(body, 'stagedoor_verifier_database_errors_total');
  expect(countErrors(response.body)).toBe(0);
  proxy.breakConnections();
  const after = await until(readMetrics, ({ body }) => countErrors(body) >= 2);
  expect(countErrors(after.body)).toBeGreaterThanOrEqual(2);
  expect(await requestVerifier(verifier.port, { path: '/metrics', method: 'POST' })).toMatchObject({
    status: 405,
  });
  await verifier.close();
  await proxy.close();
});
