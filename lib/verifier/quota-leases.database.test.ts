import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { DatabaseClock } from '#lib/testing/clock.ts';
import { atScale } from '#lib/testing/scale.ts';
import { TcpProxy } from '#lib/testing/tcp-proxy.ts';
import { accountWithKey } from '#lib/testing/verifying.ts';
import { AccountRateLimiter, type RateLimitResult } from './account-rate-limiter.ts';
import { VERIFIER_TIMING } from './timing.ts';

let test: TestDatabase;
let clock: DatabaseClock;

beforeAll(async () => {
  test = await createTestDatabase();
  clock = await DatabaseClock.install(test.url);
});
afterAll(() => test.drop());
beforeEach(() => clock.startMinute());

it('grants a lot to the last request, also to those that came while it was asked for', async () => {
  const limits = new AccountRateLimiter(test.url);
  onTestFinished(() => limits.close());
  const { id } = await accountWithKey(test.pool);
  const spend = () =>
    new Promise<RateLimitResult | null>((tell) => {
      limits.spend(id, 400, performance.now(), tell);
    });
  const first = await Promise.all(Array.from({ length: 3 }, spend));
  expect(first.map((verdict) => [verdict?.granted, verdict?.left])).toEqual([
    [true, 399],
    [true, 398],
    [true, 397],
  ]);
  const rest = await Promise.all(Array.from({ length: 500 }, spend));
  expect(rest.filter((verdict) => verdict?.granted)).toHaveLength(397);
  const { rows } = await test.pool.query('select count(*)::int from request_windows where account_id = $1', [
    id,
  ]);
  expect(rows).toEqual([{ count: 1 }]);
});

it('holds the lower limit for requests that wait together and read two', async () => {
  const limits = new AccountRateLimiter(test.url);
  onTestFinished(() => limits.close());
  const { id } = await accountWithKey(test.pool);
  const spend = (limit: number) =>
    new Promise<RateLimitResult | null>((tell) => {
      limits.spend(id, limit, performance.now(), tell);
    });
  const verdicts = await Promise.all([spend(2), spend(600), spend(600)]);
  expect(verdicts.map((verdict) => verdict?.granted)).toEqual([true, true, false]);
  expect(await spend(600)).toMatchObject({ granted: true, limit: 600 });
});

it('gives up on a request by the time when it arrived, however long ago its account was looked up', async () => {
  const proxy = await TcpProxy.start(test.url);
  proxy.mode = 'silent';
  const deadlineMs = atScale({ normal: 800, soak: VERIFIER_TIMING.deadlineMs });
  const limits = new AccountRateLimiter(proxy.url, { deadlineMs });
  onTestFinished(async () => {
    limits.close();
    await proxy.close();
  });
  const order: string[] = [];
  const spend = (name: string, id: string, askedAt: number) =>
    new Promise<void>((resolve) => {
      limits.spend(id, 10, askedAt, (verdict) => {
        order.push(`${name} ${verdict === null ? 'failed' : 'was answered'}`);
        resolve();
      });
    });
  const [one, other] = [crypto.randomUUID(), crypto.randomUUID()];
  await Promise.all([
    spend('the later', one, performance.now()),
    spend('the earlier', other, performance.now() - deadlineMs * 0.75),
  ]);
  expect(order).toEqual(['the earlier failed', 'the later failed']);
});
