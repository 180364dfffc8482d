import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { generateKey } from '#lib/api-keys/generate.ts';
import { TcpProxy } from '#lib/testing/tcp-proxy.ts';
import { until } from '#lib/testing/until.ts';
import { accountWithKey, ask, KEY_TAG, startTestVerifier } from '#lib/testing/verifying.ts';

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

it('tells Prometheus what was answered, how fast, in which batches, and of trouble with the database', async () => {
  const proxy = await TcpProxy.start(test.url);
  const verifier = await startTestVerifier(test.url, { lookupDatabaseUrl: proxy.url });
  const { key, username } = await accountWithKey(test.pool, { requestsPerMinute: 1 });
  const idle = await accountWithKey(test.pool, { active: false });
  const unknown = generateKey(KEY_TAG);
  for (const asked of [key, key, unknown, 'nonsense', idle.key]) {
    await ask(verifier.port, { headers: { 'X-API-Key': asked } });
  }
  const read = () => ask(verifier.port, { path: '/metrics' });
  const got = await read();
  expect(got).toMatchObject({
    status: 200,
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' },
  });
  const value = (body: string, name: string) =>
    Number(
      body
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1],
    );
  const answered = (status: number) =>
    value(got.body, `stagedoor_verifier_requests_total{status="${status}"}`);
  expect([200, 401, 403, 429].map(answered)).toEqual([1, 2, 1, 1]);
  expect(value(got.body, 'stagedoor_verifier_request_duration_seconds_count')).toBe(5);
  expect(value(got.body, 'stagedoor_verifier_batch_size_sum')).toBe(4);
  expect(value(got.body, 'stagedoor_verifier_queue_length')).toBe(0);
  expect(value(got.body, 'process_resident_memory_bytes')).toBeGreaterThan(0);
  for (const secret of [key, unknown, username, idle.id]) expect(got.body).not.toContain(secret);

  const errors = (body: string) => value(body, 'stagedoor_verifier_database_errors_total');
  expect(errors(got.body)).toBe(0);
  proxy.breakAll();
  const after = await until(read, ({ body }) => errors(body) >= 2);
  expect(errors(after.body)).toBeGreaterThanOrEqual(2);
  expect(await ask(verifier.port, { path: '/metrics', method: 'POST' })).toMatchObject({ status: 405 });
  await verifier.close();
  await proxy.close();
});
