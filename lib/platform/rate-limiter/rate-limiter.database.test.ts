import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { createRateLimiter } from './rate-limiter.ts';
import { findRefusal, rememberRefusal } from './remembered-refusals.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

/** Makes this process forget the refusals that end within this time. The database's clock stays. */
const advanceProcessClock = (milliseconds: number) =>
  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + milliseconds);

test('grants exactly the limit to concurrent attempts', async () => {
  const limiter = createRateLimiter(db.pool, { name: 'concurrent', points: 5, seconds: 60 });
  const results = await Promise.all(Array.from({ length: 50 }, () => limiter.consume('a')));
  expect(results.filter((result) => result.ok)).toHaveLength(5);
  const rejected = results.find((result) => !result.ok);
  expect(rejected).toHaveProperty('retryAfterSeconds', expect.closeTo(60, -1));
});

test('returns what is left of the window', async () => {
  const limiter = createRateLimiter(db.pool, { name: 'status', points: 2, seconds: 60 });
  const window = { limit: 2, windowSeconds: 60, resetSeconds: expect.closeTo(60, -1) };
  expect(await limiter.consumeWithStatus('a')).toEqual({ ok: true, ...window, remaining: 1 });
  expect(await limiter.consumeWithStatus('a')).toEqual({ ok: true, ...window, remaining: 0 });
  // The second refusal is remembered.
  for (let attempt = 0; attempt < 2; attempt += 1)
    expect(await limiter.consumeWithStatus('a')).toEqual({ ok: false, ...window, remaining: 0 });
});

test('counts each key and each limit separately', async () => {
  const first = createRateLimiter(db.pool, { name: 'first', points: 1, seconds: 60 });
  const second = createRateLimiter(db.pool, { name: 'second', points: 1, seconds: 60 });
  expect([await first.consume('a'), await first.consume('b'), await second.consume('a')]).toEqual(
    Array(3).fill({ ok: true }),
  );
  expect(await first.consume('a')).toMatchObject({ ok: false });
});

test('grants a refunded attempt again', async () => {
  const limiter = createRateLimiter(db.pool, { name: 'refund', points: 1, seconds: 60 });
  await limiter.consume('a');
  await limiter.refund('a');
  expect(await limiter.consume('a')).toEqual({ ok: true });
  expect(await limiter.consume('a')).toMatchObject({ ok: false });
});

test('restarts a window that has not ended', async () => {
  const limiter = createRateLimiter(db.pool, { name: 'restart', points: 1, seconds: 60 });
  await limiter.restart('a');
  expect(await limiter.has('a')).toBe(true);
  await db.pool.query("update rate_limits set expire = expire - 59000 where key like 'restart:%'");
  await limiter.restart('a');
  await db.pool.query("update rate_limits set expire = expire - 59000 where key like 'restart:%'");
  expect(await limiter.has('a')).toBe(true);
  expect(await limiter.consume('a')).toMatchObject({ ok: false });
});

test('starts a new window after the current one expires, not before', async () => {
  const limiter = createRateLimiter(db.pool, { name: 'window', points: 1, seconds: 60 });
  await limiter.consume('a');
  await db.pool.query("update rate_limits set expire = expire - 58000 where key like 'window:%'");
  expect(await limiter.consume('a')).toMatchObject({ ok: false });
  await db.pool.query("update rate_limits set expire = expire - 3000 where key like 'window:%'");
  advanceProcessClock(3_000);
  expect(await limiter.has('a')).toBe(false);
  expect(await limiter.consume('a')).toEqual({ ok: true });
  expect(await limiter.has('a')).toBe(true);
});

test('refunds nothing to an expired window', async () => {
  const limiter = createRateLimiter(db.pool, { name: 'expired', points: 1, seconds: 60 });
  await limiter.consume('a');
  await db.pool.query("update rate_limits set expire = expire - 60000 where key like 'expired:%'");
  await limiter.refund('a');
  expect([await limiter.consume('a'), (await limiter.consume('a')).ok]).toEqual([{ ok: true }, false]);
});

test("uses the database's clock, not the process's", async () => {
  const limiter = createRateLimiter(db.pool, { name: 'clock', points: 1, seconds: 60 });
  await limiter.consume('a');
  vi.useFakeTimers({ now: Date.now() + 3_600_000, toFake: ['Date'] });
  const rejected = await limiter.consume('a');
  vi.useRealTimers();
  expect(rejected).toEqual({ ok: false, retryAfterSeconds: expect.closeTo(60, -1) });
});

test('deletes expired windows every few minutes', async () => {
  const limiter = createRateLimiter(db.pool, { name: 'cleanup', points: 1, seconds: 60 });
  // Stored keys are MACs. So the number of attempts identifies a window here.
  await Promise.all([limiter.consume('expired'), limiter.consume('current')]);
  await limiter.consume('current');
  await db.pool.query("update rate_limits set expire = 0 where key like 'cleanup:%' and points = 1");
  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 301_000);
  await limiter.consume('other');
  const { rows } = await db.pool.query(
    "select points as attempts from rate_limits where key like 'cleanup:%' order by points",
  );
  // The windows of `other` and `current`.
  expect(rows).toEqual([{ attempts: 1 }, { attempts: 2 }]);
});

test('asks the database nothing about a refused key until its window ends', async () => {
  const limiter = createRateLimiter(db.pool, { name: 'refused', points: 1, seconds: 50 });
  await limiter.consume('a');
  expect(await limiter.consume('a')).toMatchObject({ ok: false });
  const queries = vi.spyOn(db.pool, 'query');
  const results = await Promise.all(Array.from({ length: 200 }, () => limiter.consume('a')));
  expect(results).toEqual(Array(200).fill({ ok: false, retryAfterSeconds: expect.closeTo(50, -1) }));
  expect(queries).not.toHaveBeenCalled();
  expect(await limiter.consume('b')).toEqual({ ok: true });
  advanceProcessClock(51_000);
  queries.mockClear();
  expect(await limiter.consume('a')).toMatchObject({ ok: false });
  expect(queries).toHaveBeenCalledOnce();
});

test('asks the database about a refused key once a minute, because another process may have refunded it', async () => {
  const limiter = createRateLimiter(db.pool, { name: 'refunded-elsewhere', points: 1, seconds: 3_600 });
  await limiter.consume('a');
  expect(await limiter.consume('a')).toMatchObject({ ok: false });
  await db.pool.query("update rate_limits set points = 0 where key like 'refunded-elsewhere:%'");
  expect(await limiter.consume('a')).toMatchObject({ ok: false });
  advanceProcessClock(60_001);
  expect(await limiter.consume('a')).toEqual({ ok: true });
});

test('forgets a refusal when an attempt of the key is refunded', async () => {
  const limiter = createRateLimiter(db.pool, { name: 'forgotten', points: 1, seconds: 60 });
  await limiter.consume('a');
  expect(await limiter.consume('a')).toMatchObject({ ok: false });
  // A refused attempt counts once, so two refunds make the next one possible.
  await limiter.refund('a');
  await limiter.refund('a');
  expect(await limiter.consume('a')).toEqual({ ok: true });
});

test('forgets a refusal when the window of the key is restarted', async () => {
  const limiter = createRateLimiter(db.pool, { name: 'restarted', points: 2, seconds: 60 });
  for (let attempt = 0; attempt < 3; attempt += 1) await limiter.consume('a');
  await limiter.restart('a');
  expect(await limiter.consume('a')).toEqual({ ok: true });
});

test('remembers at most ten thousand refusals', () => {
  for (let index = 0; index <= 10_000; index += 1) rememberRefusal(db.pool, `many:${index}`, 60);
  expect(findRefusal(db.pool, 'many:0')).toBeNull();
  expect([findRefusal(db.pool, 'many:1'), findRefusal(db.pool, 'many:10000')]).toEqual([60, 60]);
});

test('stores no key in plain text', async () => {
  await createRateLimiter(db.pool, { name: 'plain', points: 1, seconds: 60 }).consume('hunter2@example.com');
  const { rows } = await db.pool.query("select key from rate_limits where key like 'plain:%'");
  expect(rows).toHaveLength(1);
  expect(rows[0].key).toMatch(/^plain:[\w-]{43}$/);
});

test('throws if the database cannot be queried', async () => {
  const dropped = await createTestDatabase();
  await dropped.drop();
  const limiter = createRateLimiter(dropped.pool, { name: 'dropped', points: 1, seconds: 60 });
  await expect(limiter.consume('a')).rejects.toThrow();
});
