import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { atScale } from '#lib/testing/scale.ts';
import { TcpProxy } from '#lib/testing/tcp-proxy.ts';
import { until } from '#lib/testing/until.ts';
import { QueryBatcher } from './query-batcher.ts';

/** As many as may wait. */
const MOST_WAITING = 5_000;

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

type Lookup = { number: number; askedAt: number; outcome?: number | 'failed' };

/** A desk whose questions are numbers, and whose answers are their squares, by the database. */
function openDesk(databaseUrl: string, options: { deadlineMs?: number } = {}) {
  const batches: Lookup[][] = [];
  const twice: Lookup[] = [];
  const settle = (question: Lookup, outcome: number | 'failed') => {
    if (question.outcome !== undefined) twice.push(question);
    question.outcome = outcome;
  };
  const desk = new QueryBatcher<Lookup, number>({
    name: 'test',
    databaseUrl,
    lines: 2,
    mostAtOnce: 10,
    ...options,
    async ask({ sql }, questions) {
      batches.push(questions);
      const numbers = `{${questions.map(({ number }) => number).join(',')}}`;
      const rows = await sql<{ square: number }[]>`
        select number * number as square
        from unnest(${numbers}::text::int[]) with ordinality as asked (number, place) order by place`;
      return rows.map(({ square }) => square);
    },
    askFirst: ({ sql }) => sql`select 1`,
    answer: settle,
    fail: (question) => settle(question, 'failed'),
  });
  onTestFinished(() => desk.close());
  const put = (count: number): Lookup[] =>
    Array.from({ length: count }, (_, number) => {
      const question: Lookup = { number, askedAt: performance.now() };
      desk.put(question);
      return question;
    });
  return { desk, put, batches, twice };
}

const settled = (questions: Lookup[]) =>
  until(
    async () => questions.filter(({ outcome }) => outcome !== undefined).length,
    (count) => count === questions.length,
  );

it('answers each question once, so many at once to a statement, in their order', async () => {
  const { put, batches, twice } = openDesk(test.url);
  const questions = put(95);
  await settled(questions);
  expect(questions.map(({ outcome }) => outcome)).toEqual(questions.map(({ number }) => number ** 2));
  expect(batches.flat()).toEqual(questions);
  expect(batches.map(({ length }) => length)).toEqual([...Array(9).fill(10), 5]);
  expect(twice).toEqual([]);
});

it('lets so many wait and no more, while there is no connection; each has an end', async () => {
  const proxy = await TcpProxy.start(test.url);
  onTestFinished(() => proxy.close());
  proxy.mode = 'silent';
  const { desk, put, twice } = openDesk(proxy.url, atScale({ normal: { deadlineMs: 500 }, soak: {} }));
  const questions = put(MOST_WAITING + 100);
  expect(desk.waiting).toBe(MOST_WAITING);
  expect(questions.filter(({ outcome }) => outcome === 'failed')).toEqual(questions.slice(MOST_WAITING));
  await settled(questions);
  expect(new Set(questions.map(({ outcome }) => outcome))).toEqual(new Set(['failed']));
  expect(desk.waiting).toBe(0);
  // By now the database is known to be away: nothing waits for it any more.
  expect(put(3).map(({ outcome }) => outcome)).toEqual(Array(3).fill('failed'));
  proxy.mode = 'open';
  const after = await until(
    async () => {
      const [question] = put(1);
      if (question) await settled([question]);
      return question?.outcome;
    },
    (outcome) => outcome === 0,
  );
  expect(after).toBe(0);
  expect(twice).toEqual([]);
});

it('puts again, once, what was asked on a connection that broke', async () => {
  const proxy = await TcpProxy.start(test.url);
  onTestFinished(() => proxy.close());
  const { put, batches, twice } = openDesk(proxy.url);
  await settled(put(1));
  proxy.mode = 'held';
  const questions = put(20);
  await proxy.somethingHeld();
  proxy.breakAll();
  proxy.mode = 'open';
  await settled(questions);
  expect(questions.map(({ outcome }) => outcome)).toEqual(questions.map(({ number }) => number ** 2));
  expect(batches.flat().length).toBeGreaterThan(21);
  expect(twice).toEqual([]);
});

it('fails what waits when it is closed', async () => {
  const proxy = await TcpProxy.start(test.url);
  onTestFinished(() => proxy.close());
  proxy.mode = 'silent';
  const { desk, put } = openDesk(proxy.url);
  const questions = put(3);
  desk.close();
  expect(questions.map(({ outcome }) => outcome)).toEqual(Array(3).fill('failed'));
  expect(put(1)[0]?.outcome).toBe('failed');
});
