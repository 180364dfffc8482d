import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { DatabaseClock } from '#lib/testing/clock.ts';
import { atScale } from '#lib/testing/scale.ts';
import { TcpProxy } from '#lib/testing/tcp-proxy.ts';
import { insertAccountWithKey } from '#lib/testing/verifier.ts';
import { AccountRateLimiter, type RateLimitResult } from './account-rate-limiter.ts';
import { VERIFIER_TIMING } from './timing.ts';

let db: TestDatabase;
let clock: DatabaseClock;

beforeAll(async () => {
  db = await createTestDatabase();
  clock = await DatabaseClock.install(db.url);
});
afterAll(() => db.drop());
beforeEach(() => clock.startMinute());

it('grants exactly the limit, also to requests that join a waiting one', async () => {
  const limiter = new AccountRateLimiter(db.url);
  onTestFinished(() => limiter.close());
  const { id } = await insertAccountWithKey(db.pool);
  const consume = () =>
    new Promise<RateLimitResult | null>((onResult) => {
      limiter.consume(id, 400, performance.now(), onResult);
    });
  const first = await Promise.all(Array.from({ length: 3 }, consume));
  expect(first.map((result) => [result?.isGranted, result?.remaining])).toEqual([
    [true, 399],
    [true, 398],
    [true, 397],
  ]);
  const rest = await Promise.all(Array.from({ length: 500 }, consume));
  expect(rest.filter((result) => result?.isGranted)).toHaveLength(397);
  const { rows } = await db.pool.query('select count(*)::int from request_windows where account_id = $1', [
    id,
  ]);
  expect(rows).toEqual([{ count: 1 }]);
});

it('applies the lower limit to waiting requests that read different limits', async () => {
  const limiter = new AccountRateLimiter(db.url);
  onTestFinished(() => limiter.close());
  const { id } = await insertAccountWithKey(db.pool);
  const consume = (limit: number) =>
    new Promise<RateLimitResult | null>((onResult) => {
      limiter.consume(id, limit, performance.now(), onResult);
    });
  const results = await Promise.all([consume(2), consume(600), consume(600)]);
  expect(results.map((result) => result?.isGranted)).toEqual([true, true, false]);
  expect(await consume(600)).toMatchObject({ isGranted: true, limit: 600 });
});

it('fails a request sooner if it arrived earlier', async () => {
  const proxy = await TcpProxy.start(db.url);
  proxy.mode = 'silent';
  const deadlineMs = atScale({ normal: 800, soak: VERIFIER_TIMING.deadlineMs });
  const limiter = new AccountRateLimiter(proxy.url, { deadlineMs });
  onTestFinished(async () => {
    limiter.close();
    await proxy.close();
  });
  const order: string[] = [];
  const consume = (name: string, id: string, arrivedAt: number) =>
    new Promise<void>((resolve) => {
      limiter.consume(id, 10, arrivedAt, (result) => {
        order.push(`${name} ${result === null ? 'failed' : 'succeeded'}`);
        resolve();
      });
    });
  const [firstId, secondId] = [crypto.randomUUID(), crypto.randomUUID()];
  await Promise.all([
    consume('the later', firstId, performance.now()),
    consume('the earlier', secondId, performance.now() - deadlineMs * 0.75),
  ]);
  expect(order).toEqual(['the earlier failed', 'the later failed']);
});
