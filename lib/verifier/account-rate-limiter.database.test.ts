import { Agent } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { DatabaseClock } from '#lib/testing/clock.ts';
import { atScale } from '#lib/testing/scale.ts';
import { TcpProxy } from '#lib/testing/tcp-proxy.ts';
import { until } from '#lib/testing/until.ts';
import { insertAccountWithKey, requestVerifier, startTestVerifier } from '#lib/testing/verifier.ts';

let db: TestDatabase;
let clock: DatabaseClock;

beforeAll(async () => {
  db = await createTestDatabase();
  clock = await DatabaseClock.install(db.url);
});
afterAll(() => db.drop());

// Start a new minute: if the requests of one test fell into two minutes, twice as many would be allowed.
beforeEach(() => clock.startMinute());

async function startVerifiers(count: number, options: { requestsPerMinute?: number } = {}) {
  const verifiers = await Promise.all(
    Array.from({ length: count }, () => startTestVerifier(db.url, options)),
  );
  onTestFinished(async () => {
    // Close idle connections: a stopping verifier waits a second for them.
    agent.destroy();
    await Promise.all(verifiers.map((verifier) => verifier.close()));
  });
  return verifiers.map(({ port }) => port);
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });

const sendRequests = (port: number, key: string, times: number) =>
  Promise.all(
    Array.from({ length: times }, () => requestVerifier(port, { agent, headers: { 'X-API-Key': key } })),
  );
const countStatus = (responses: { status: number }[], status: number) =>
  responses.filter((response) => response.status === status).length;

describe('rate limit of an account', () => {
  it('allows exactly the limit per minute across verifiers if no request is leased in advance', async () => {
    const ports = await startVerifiers(3);
    const { key } = await insertAccountWithKey(db.pool, { requestsPerMinute: 50 });
    const responses = (await Promise.all(ports.map((port) => sendRequests(port, key, 40)))).flat();
    expect([countStatus(responses, 200), countStatus(responses, 429)]).toEqual([50, 70]);
  });

  it('never allows more than the limit if verifiers lease many requests at a time', async () => {
    const ports = await startVerifiers(2);
    const { key } = await insertAccountWithKey(db.pool, { requestsPerMinute: 1_000 });
    const responses = (await Promise.all(ports.map((port) => sendRequests(port, key, 700)))).flat();
    const allowed = countStatus(responses, 200);
    expect(allowed).toBeLessThanOrEqual(1_000);
    // Each of the two verifiers may keep an unused lease of a hundredth of the limit.
    expect(allowed).toBeGreaterThanOrEqual(980);
    expect(allowed + countStatus(responses, 429)).toBe(1_400);
  });

  it('sends the limit, the remaining requests and the seconds until the next minute', async () => {
    const [port = 0] = await startVerifiers(1);
    const { key } = await insertAccountWithKey(db.pool, { requestsPerMinute: 2 });
    const responses = [];
    for (let sent = 0; sent < 3; sent += 1) responses.push(...(await sendRequests(port, key, 1)));
    const rateLimitHeaders = responses.map(({ status, headers }) => [
      status,
      headers['ratelimit-policy'],
      String(headers.ratelimit).replace(/t=([1-9]|[1-5]\d|60)$/, 't=…'),
    ]);
    expect(rateLimitHeaders).toEqual([
      [200, '"minute";q=2;w=60', '"minute";r=1;t=…'],
      [200, '"minute";q=2;w=60', '"minute";r=0;t=…'],
      [429, '"minute";q=2;w=60', '"minute";r=0;t=…'],
    ]);
    const rejected = responses[2];
    expect(Number(rejected?.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(rejected?.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(rejected?.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'application/problem+json',
    });
    expect(JSON.parse(rejected?.body ?? '')).toMatchObject({ status: 429, code: 'too_many_requests' });
  });

  it('allows requests again in the next minute', async () => {
    const [port = 0] = await startVerifiers(1);
    const { key, id } = await insertAccountWithKey(db.pool, { requestsPerMinute: 1 });
    expect(countStatus(await sendRequests(port, key, 2), 429)).toBe(1);
    // Move the requests to the previous minute, and use a new verifier, which has no lease of this minute.
    await db.pool.query(
      "update request_windows set minute = minute - interval '1 minute' where account_id = $1",
      [id],
    );
    const [otherPort = 0] = await startVerifiers(1);
    expect(countStatus(await sendRequests(otherPort, key, 2), 200)).toBe(1);
  });

  it('applies a changed limit from the next request on', async () => {
    const [port = 0] = await startVerifiers(1);
    const { key, id } = await insertAccountWithKey(db.pool, { requestsPerMinute: 5 });
    const setLimit = (limit: number | null) =>
      db.pool.query('update api_accounts set requests_per_minute = $2 where id = $1', [id, limit]);
    expect(countStatus(await sendRequests(port, key, 6), 200)).toBe(5);
    await setLimit(500);
    expect(countStatus(await sendRequests(port, key, 10), 200)).toBe(10);
    await setLimit(3);
    expect(countStatus(await sendRequests(port, key, 2), 429)).toBe(2);
    await setLimit(null);
    expect(countStatus(await sendRequests(port, key, 10), 200)).toBe(10);
  });

  it('consumes no quota for requests of an inactive account', async () => {
    const [port = 0] = await startVerifiers(1);
    const { key, id } = await insertAccountWithKey(db.pool, { requestsPerMinute: 2, active: false });
    expect(countStatus(await sendRequests(port, key, 5), 403)).toBe(5);
    await db.pool.query('update api_accounts set active = true where id = $1', [id]);
    expect(countStatus(await sendRequests(port, key, 2), 200)).toBe(2);
  });
});

describe('default rate limit', () => {
  it('applies only to accounts without a limit of their own', async () => {
    const [port = 0] = await startVerifiers(1, { requestsPerMinute: 3 });
    const [defaultAccount, customAccount] = await Promise.all([
      insertAccountWithKey(db.pool),
      insertAccountWithKey(db.pool, { requestsPerMinute: 8 }),
    ]);
    const [defaultResponses, customResponses] = await Promise.all([
      sendRequests(port, defaultAccount.key, 10),
      sendRequests(port, customAccount.key, 10),
    ]);
    expect([countStatus(defaultResponses, 200), countStatus(customResponses, 200)]).toEqual([3, 8]);
  });

  it('sends no rate-limit headers if there is no limit', async () => {
    const [port = 0] = await startVerifiers(1);
    const { key } = await insertAccountWithKey(db.pool);
    const [response] = await sendRequests(port, key, 1);
    expect(response?.headers).not.toHaveProperty('ratelimit');
    expect(response?.headers).not.toHaveProperty('ratelimit-policy');
  });
});

it('responds 503 to requests of an account with a limit if no quota can be leased', async () => {
  const proxy = await TcpProxy.start(db.url);
  const timing = atScale({ normal: { deadlineMs: 500, finalFlushTimeoutMs: 500 }, soak: {} });
  const verifier = await startTestVerifier(proxy.url, { lookupDatabaseUrl: db.url, timing });
  onTestFinished(async () => {
    agent.destroy();
    await verifier.close();
    await proxy.close();
  });
  const [limited, unlimited] = await Promise.all([
    insertAccountWithKey(db.pool, { requestsPerMinute: 10 }),
    insertAccountWithKey(db.pool),
  ]);
  const sendOne = async () => (await sendRequests(verifier.port, limited.key, 1))[0]?.status;
  expect(await until(sendOne, (status) => status === 200)).toBe(200);
  proxy.mode = 'silent';
  expect(countStatus(await sendRequests(verifier.port, limited.key, 3), 503)).toBe(3);
  expect(countStatus(await sendRequests(verifier.port, unlimited.key, 3), 200)).toBe(3);
});

describe('database clock that was set back', () => {
  it('restarts a minute that is more than a minute ahead', async () => {
    const [port = 0] = await startVerifiers(1);
    const { key, id } = await insertAccountWithKey(db.pool, { requestsPerMinute: 3 });
    await db.pool.query(
      "insert into request_windows values ($1, date_trunc('minute', now()) + interval '1 hour', 3)",
      [id],
    );
    expect(countStatus(await sendRequests(port, key, 5), 200)).toBe(3);
  });

  it('counts into the next minute if another verifier has already begun it', async () => {
    const [port = 0] = await startVerifiers(1);
    const { key, id } = await insertAccountWithKey(db.pool, { requestsPerMinute: 5 });
    await db.pool.query(
      "insert into request_windows values ($1, date_trunc('minute', now()) + interval '1 minute', 3)",
      [id],
    );
    expect(countStatus(await sendRequests(port, key, 5), 200)).toBe(2);
  });
});
