import { Agent } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { DatabaseClock } from '#lib/testing/clock.ts';
import { atScale } from '#lib/testing/scale.ts';
import { TcpProxy } from '#lib/testing/tcp-proxy.ts';
import { until } from '#lib/testing/until.ts';
import { accountWithKey, ask, startTestVerifier } from '#lib/testing/verifying.ts';

let test: TestDatabase;
let clock: DatabaseClock;

beforeAll(async () => {
  test = await createTestDatabase();
  clock = await DatabaseClock.install(test.url);
});
afterAll(() => test.drop());

// A test whose requests fell into two minutes would count twice as many.
beforeEach(() => clock.startMinute());

async function startVerifiers(count: number, options: { requestsPerMinute?: number } = {}) {
  const verifiers = await Promise.all(
    Array.from({ length: count }, () => startTestVerifier(test.url, options)),
  );
  onTestFinished(async () => {
    // A verifier that stops waits a second for connections that are open.
    agent.destroy();
    await Promise.all(verifiers.map((verifier) => verifier.close()));
  });
  return verifiers.map(({ port }) => port);
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });

const askTimes = (port: number, key: string, times: number) =>
  Promise.all(Array.from({ length: times }, () => ask(port, { agent, headers: { 'X-API-Key': key } })));
const countOf = (answers: { status: number }[], status: number) =>
  answers.filter((answer) => answer.status === status).length;

describe('an account with a limit', () => {
  it('is let through so often in a minute, to the request, whichever verifiers it asks', async () => {
    const ports = await startVerifiers(3);
    const { key } = await accountWithKey(test.pool, { requestsPerMinute: 50 });
    const answers = (await Promise.all(ports.map((port) => askTimes(port, key, 40)))).flat();
    expect([countOf(answers, 200), countOf(answers, 429)]).toEqual([50, 70]);
  });

  it('is never let through more often where verifiers take many at once', async () => {
    const ports = await startVerifiers(2);
    const { key } = await accountWithKey(test.pool, { requestsPerMinute: 1_000 });
    const answers = (await Promise.all(ports.map((port) => askTimes(port, key, 700)))).flat();
    const allowed = countOf(answers, 200);
    expect(allowed).toBeLessThanOrEqual(1_000);
    // Each verifier may keep a hundredth that it took and did not use.
    expect(allowed).toBeGreaterThanOrEqual(980);
    expect(allowed + countOf(answers, 429)).toBe(1_400);
  });

  it('is told its limit, what is left and when a new minute begins', async () => {
    const [port = 0] = await startVerifiers(1);
    const { key } = await accountWithKey(test.pool, { requestsPerMinute: 2 });
    const answers = [];
    for (let turn = 0; turn < 3; turn += 1) answers.push(...(await askTimes(port, key, 1)));
    const limits = answers.map(({ status, headers }) => [
      status,
      headers['ratelimit-policy'],
      String(headers.ratelimit).replace(/t=([1-9]|[1-5]\d|60)$/, 't=…'),
    ]);
    expect(limits).toEqual([
      [200, '"minute";q=2;w=60', '"minute";r=1;t=…'],
      [200, '"minute";q=2;w=60', '"minute";r=0;t=…'],
      [429, '"minute";q=2;w=60', '"minute";r=0;t=…'],
    ]);
    const refused = answers[2];
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused?.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(refused?.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'application/problem+json',
    });
    expect(JSON.parse(refused?.body ?? '')).toMatchObject({ status: 429, code: 'too_many_requests' });
  });

  it('is let through again in the next minute', async () => {
    const [port = 0] = await startVerifiers(1);
    const { key, id } = await accountWithKey(test.pool, { requestsPerMinute: 1 });
    expect(countOf(await askTimes(port, key, 2), 429)).toBe(1);
    // For a verifier that has not heard of this minute: as if its requests had been a minute ago.
    await test.pool.query(
      "update request_windows set minute = minute - interval '1 minute' where account_id = $1",
      [id],
    );
    const [other = 0] = await startVerifiers(1);
    expect(countOf(await askTimes(other, key, 2), 200)).toBe(1);
  });

  it('goes by a limit that was raised or lowered, from the next request on', async () => {
    const [port = 0] = await startVerifiers(1);
    const { key, id } = await accountWithKey(test.pool, { requestsPerMinute: 5 });
    const set = (limit: number | null) =>
      test.pool.query('update api_accounts set requests_per_minute = $2 where id = $1', [id, limit]);
    expect(countOf(await askTimes(port, key, 6), 200)).toBe(5);
    await set(500);
    expect(countOf(await askTimes(port, key, 10), 200)).toBe(10);
    await set(3);
    expect(countOf(await askTimes(port, key, 2), 429)).toBe(2);
    await set(null);
    expect(countOf(await askTimes(port, key, 10), 200)).toBe(10);
  });

  it('loses nothing by being refused while it is not active, or for another’s wrong key', async () => {
    const [port = 0] = await startVerifiers(1);
    const { key, id } = await accountWithKey(test.pool, { requestsPerMinute: 2, active: false });
    expect(countOf(await askTimes(port, key, 5), 403)).toBe(5);
    await test.pool.query('update api_accounts set active = true where id = $1', [id]);
    expect(countOf(await askTimes(port, key, 2), 200)).toBe(2);
  });
});

describe('the settings’ limit', () => {
  it('holds for accounts without one of their own, and for no others', async () => {
    const [port = 0] = await startVerifiers(1, { requestsPerMinute: 3 });
    const [plain, generous] = await Promise.all([
      accountWithKey(test.pool),
      accountWithKey(test.pool, { requestsPerMinute: 8 }),
    ]);
    const [fromPlain, fromGenerous] = await Promise.all([
      askTimes(port, plain.key, 10),
      askTimes(port, generous.key, 10),
    ]);
    expect([countOf(fromPlain, 200), countOf(fromGenerous, 200)]).toEqual([3, 8]);
  });

  it('may be none: then nothing is told of any', async () => {
    const [port = 0] = await startVerifiers(1);
    const { key } = await accountWithKey(test.pool);
    const [answer] = await askTimes(port, key, 1);
    expect(answer?.headers).not.toHaveProperty('ratelimit');
    expect(answer?.headers).not.toHaveProperty('ratelimit-policy');
  });
});

it('answers 503, and never 200, where the limit cannot be asked for', async () => {
  const proxy = await TcpProxy.start(test.url);
  const timing = atScale({ normal: { deadlineMs: 500, lastFlushMs: 500 }, soak: {} });
  const verifier = await startTestVerifier(proxy.url, { lookupDatabaseUrl: test.url, timing });
  onTestFinished(async () => {
    agent.destroy();
    await verifier.close();
    await proxy.close();
  });
  const [limited, unlimited] = await Promise.all([
    accountWithKey(test.pool, { requestsPerMinute: 10 }),
    accountWithKey(test.pool),
  ]);
  const askOnce = async () => (await askTimes(verifier.port, limited.key, 1))[0]?.status;
  expect(await until(askOnce, (status) => status === 200)).toBe(200);
  proxy.mode = 'silent';
  expect(countOf(await askTimes(verifier.port, limited.key, 3), 503)).toBe(3);
  expect(countOf(await askTimes(verifier.port, unlimited.key, 3), 200)).toBe(3);
});

describe('a database whose clock was put back', () => {
  it('begins a minute anew that lies ahead', async () => {
    const [port = 0] = await startVerifiers(1);
    const { key, id } = await accountWithKey(test.pool, { requestsPerMinute: 3 });
    await test.pool.query(
      "insert into request_windows values ($1, date_trunc('minute', now()) + interval '1 hour', 3)",
      [id],
    );
    expect(countOf(await askTimes(port, key, 5), 200)).toBe(3);
  });

  it('counts into the next minute where that has begun for others', async () => {
    const [port = 0] = await startVerifiers(1);
    const { key, id } = await accountWithKey(test.pool, { requestsPerMinute: 5 });
    await test.pool.query(
      "insert into request_windows values ($1, date_trunc('minute', now()) + interval '1 minute', 3)",
      [id],
    );
    expect(countOf(await askTimes(port, key, 5), 200)).toBe(2);
  });
});
