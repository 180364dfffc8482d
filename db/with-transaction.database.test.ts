import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from './test-database.ts';
import { withTransaction } from './with-transaction.ts';

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  await test.pool.query('create table notes (text text)');
});
afterAll(() => test.drop());

const notes = async () =>
  (await test.pool.query('select text from notes order by text')).rows.map((row) => row.text);
const note = (text: string) => sql`insert into notes values (${text})`;

it('commits what it returns from, and rolls back what it throws out of', async () => {
  await withTransaction(test.database, (transaction) => transaction.execute(note('kept')));
  const failing = withTransaction(test.database, async (transaction) => {
    await transaction.execute(note('lost'));
    throw new Error('changed my mind');
  });
  await expect(failing).rejects.toThrow('changed my mind');
  expect(await notes()).toEqual(['kept']);
});

it('leaves nothing behind, and no client open, when the backend dies in the middle', async () => {
  for (let round = 0; round < 20; round += 1) {
    const failing = withTransaction(test.database, async (transaction) => {
      await transaction.execute(note('half-done'));
      await transaction.execute(sql`select pg_terminate_backend(pg_backend_pid())`);
      await transaction.execute(note('after'));
    });
    await expect(failing).rejects.toThrow();
  }
  expect(await notes()).toEqual(['kept']);
  await withTransaction(test.database, (transaction) => transaction.execute(sql`select 1`));
  expect(test.pool.totalCount).toBe(test.pool.idleCount);
});

it('tries again after a serialisation failure', async () => {
  let tries = 0;
  await withTransaction(test.database, async (transaction) => {
    tries += 1;
    if (tries < 3) await transaction.execute(sql`do $$ begin raise sqlstate '40001'; end $$`);
  });
  expect(tries).toBe(3);
});

it('gives up after four tries, and at once for anything else', async () => {
  const triesUntilGivenUp = async (state: string) => {
    let tries = 0;
    const failing = withTransaction(test.database, async (transaction) => {
      tries += 1;
      await transaction.execute(sql.raw(`do $$ begin raise sqlstate '${state}'; end $$`));
    });
    await expect(failing).rejects.toThrow();
    return tries;
  };
  expect(await triesUntilGivenUp('40001')).toBe(4);
  expect(await triesUntilGivenUp('23505')).toBe(1);
});
