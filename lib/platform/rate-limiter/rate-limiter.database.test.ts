import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { createRateLimiter } from './rate-limiter.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

test('grants exactly its points to takes sent at once', async () => {
  const throttle = createRateLimiter(db.pool, { name: 'at-once', points: 5, seconds: 60 });
  const results = await Promise.all(Array.from({ length: 50 }, () => throttle.take('a')));
  expect(results.filter((result) => result.ok)).toHaveLength(5);
  const refused = results.find((result) => !result.ok);
  expect(refused).toHaveProperty('retryAfterSeconds', expect.closeTo(60, -1));
});

test('counts each key and each throttle by itself', async () => {
  const one = createRateLimiter(db.pool, { name: 'one', points: 1, seconds: 60 });
  const other = createRateLimiter(db.pool, { name: 'other', points: 1, seconds: 60 });
  expect([await one.take('a'), await one.take('b'), await other.take('a')]).toEqual(
    Array(3).fill({ ok: true }),
  );
  expect(await one.take('a')).toMatchObject({ ok: false });
});

test('grants again what was given back', async () => {
  const throttle = createRateLimiter(db.pool, { name: 'back', points: 1, seconds: 60 });
  await throttle.take('a');
  await throttle.giveBack('a');
  expect(await throttle.take('a')).toEqual({ ok: true });
  expect(await throttle.take('a')).toMatchObject({ ok: false });
});

test('begins anew when the window is over, not before', async () => {
  const throttle = createRateLimiter(db.pool, { name: 'window', points: 1, seconds: 60 });
  await throttle.take('a');
  await db.pool.query("update throttles set expire = expire - 58000 where key like 'window:%'");
  expect(await throttle.take('a')).toMatchObject({ ok: false });
  await db.pool.query("update throttles set expire = expire - 3000 where key like 'window:%'");
  expect(await throttle.isKnown('a')).toBe(false);
  expect(await throttle.take('a')).toEqual({ ok: true });
  expect(await throttle.isKnown('a')).toBe(true);
});

test('gives nothing back to a window that is over', async () => {
  const throttle = createRateLimiter(db.pool, { name: 'late', points: 1, seconds: 60 });
  await throttle.take('a');
  await db.pool.query("update throttles set expire = expire - 60000 where key like 'late:%'");
  await throttle.giveBack('a');
  expect([await throttle.take('a'), (await throttle.take('a')).ok]).toEqual([{ ok: true }, false]);
});

test("goes by the database's clock, whatever this process's", async () => {
  const throttle = createRateLimiter(db.pool, { name: 'clock', points: 1, seconds: 60 });
  await throttle.take('a');
  vi.useFakeTimers({ now: Date.now() + 3_600_000, toFake: ['Date'] });
  const refused = await throttle.take('a');
  vi.useRealTimers();
  expect(refused).toEqual({ ok: false, retryAfterSeconds: expect.closeTo(60, -1) });
});

test('throws away what is over, every few minutes', async () => {
  const throttle = createRateLimiter(db.pool, { name: 'swept', points: 1, seconds: 60 });
  await Promise.all([throttle.take('over'), throttle.take('present')]);
  await throttle.take('present');
  await db.pool.query("update throttles set expire = 0 where key like 'swept:%' and points = 1");
  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 301_000);
  await throttle.take('other');
  const { rows } = await db.pool.query(
    "select points from throttles where key like 'swept:%' order by points",
  );
  expect(rows).toEqual([{ points: 1 }, { points: 2 }]);
});

test('keeps no key in clear', async () => {
  await createRateLimiter(db.pool, { name: 'clear', points: 1, seconds: 60 }).take('hunter2@example.com');
  const { rows } = await db.pool.query("select key from throttles where key like 'clear:%'");
  expect(rows).toHaveLength(1);
  expect(rows[0].key).toMatch(/^clear:[\w-]{43}$/);
});

test('throws, and so grants nothing, when the database cannot be asked', async () => {
  const gone = await createTestDatabase();
  await gone.drop();
  const throttle = createRateLimiter(gone.pool, { name: 'gone', points: 1, seconds: 60 });
  await expect(throttle.take('a')).rejects.toThrow();
});
