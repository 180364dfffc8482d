import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { atScale } from '#lib/testing/scale.ts';
import { TcpProxy } from '#lib/testing/tcp-proxy.ts';
import { until } from '#lib/testing/until.ts';
import { QueryBatcher } from './query-batcher.ts';

/** The limit in `query-batcher.ts`. */
const MAX_QUEUED = 5_000;

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

type Lookup = { number: number; arrivedAt: number; outcome?: number | 'failed' };

/** Creates a batcher whose lookups let the database square a number. */
function createBatcher(databaseUrl: string, options: { deadlineMs?: number } = {}) {
  const batches: Lookup[][] = [];
  const settledTwice: Lookup[] = [];
  const settle = (lookup: Lookup, outcome: number | 'failed') => {
    if (lookup.outcome !== undefined) settledTwice.push(lookup);
    lookup.outcome = outcome;
  };
  const batcher = new QueryBatcher<Lookup, number>({
    name: 'test',
    databaseUrl,
    connections: 2,
    maxBatchSize: 10,
    ...options,
    async query({ sql }, lookups) {
      batches.push(lookups);
      const numbers = `{${lookups.map(({ number }) => number).join(',')}}`;
      const rows = await sql<{ square: number }[]>`
        select number * number as square
        from unnest(${numbers}::text::int[]) with ordinality as requested (number, position) order by position`;
      return rows.map(({ square }) => square);
    },
    warmUp: ({ sql }) => sql`select 1`,
    onResult: settle,
    onFailure: (lookup) => settle(lookup, 'failed'),
  });
  onTestFinished(() => batcher.close());
  const enqueue = (count: number): Lookup[] =>
    Array.from({ length: count }, (_, number) => {
      const lookup: Lookup = { number, arrivedAt: performance.now() };
      batcher.enqueue(lookup);
      return lookup;
    });
  return { batcher, enqueue, batches, settledTwice };
}

const waitUntilSettled = (lookups: Lookup[]) =>
  until(
    async () => lookups.filter(({ outcome }) => outcome !== undefined).length,
    (count) => count === lookups.length,
  );

it('settles each lookup once with its own result, in batches of at most the maximum size', async () => {
  const { enqueue, batches, settledTwice } = createBatcher(db.url);
  const lookups = enqueue(95);
  await waitUntilSettled(lookups);
  expect(lookups.map(({ outcome }) => outcome)).toEqual(lookups.map(({ number }) => number ** 2));
  expect(batches.flat()).toEqual(lookups);
  expect(batches.map(({ length }) => length)).toEqual([...Array(9).fill(10), 5]);
  expect(settledTwice).toEqual([]);
});

it('limits the queue while there is no connection, and recovers when the database does', async () => {
  const proxy = await TcpProxy.start(db.url);
  onTestFinished(() => proxy.close());
  proxy.mode = 'silent';
  const { batcher, enqueue, settledTwice } = createBatcher(
    proxy.url,
    atScale({ normal: { deadlineMs: 500 }, soak: {} }),
  );
  const lookups = enqueue(MAX_QUEUED + 100);
  expect(batcher.queueLength).toBe(MAX_QUEUED);
  expect(lookups.filter(({ outcome }) => outcome === 'failed')).toEqual(lookups.slice(MAX_QUEUED));
  await waitUntilSettled(lookups);
  expect(new Set(lookups.map(({ outcome }) => outcome))).toEqual(new Set(['failed']));
  expect(batcher.queueLength).toBe(0);
  // The batcher knows by now that the database is unavailable: lookups fail immediately.
  expect(enqueue(3).map(({ outcome }) => outcome)).toEqual(Array(3).fill('failed'));
  proxy.mode = 'open';
  const outcomeAfterRecovery = await until(
    async () => {
      const [lookup] = enqueue(1);
      if (lookup) await waitUntilSettled([lookup]);
      return lookup?.outcome;
    },
    (outcome) => outcome === 0,
  );
  expect(outcomeAfterRecovery).toBe(0);
  expect(settledTwice).toEqual([]);
});

it('sends lookups again after their connection broke, and settles each of them once', async () => {
  const proxy = await TcpProxy.start(db.url);
  onTestFinished(() => proxy.close());
  const { enqueue, batches, settledTwice } = createBatcher(proxy.url);
  await waitUntilSettled(enqueue(1));
  proxy.mode = 'held';
  const lookups = enqueue(20);
  await proxy.waitForHeldData();
  proxy.breakConnections();
  proxy.mode = 'open';
  await waitUntilSettled(lookups);
  expect(lookups.map(({ outcome }) => outcome)).toEqual(lookups.map(({ number }) => number ** 2));
  expect(batches.flat().length).toBeGreaterThan(21);
  expect(settledTwice).toEqual([]);
});

it('fails queued lookups when it is closed', async () => {
  const proxy = await TcpProxy.start(db.url);
  onTestFinished(() => proxy.close());
  proxy.mode = 'silent';
  const { batcher, enqueue } = createBatcher(proxy.url);
  const lookups = enqueue(3);
  batcher.close();
  expect(lookups.map(({ outcome }) => outcome)).toEqual(Array(3).fill('failed'));
  expect(enqueue(1)[0]?.outcome).toBe('failed');
});
