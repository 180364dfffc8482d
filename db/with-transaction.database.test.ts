import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from './test-database.ts';
import { beforeCommit, withSharedTransaction, withTransaction } from './with-transaction.ts';

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
  await db.pool.query('create table notes (text text)');
});
afterAll(() => db.drop());

const readNotes = async () =>
  (await db.pool.query('select text from notes order by text')).rows.map((row) => row.text);
const insertNote = (text: string) => sql`insert into notes values (${text})`;

describe('withTransaction', () => {
  it('commits when the work returns and rolls back when it throws', async () => {
    await withTransaction(db.database, (transaction) => transaction.execute(insertNote('kept')));
    const failing = withTransaction(db.database, async (transaction) => {
      await transaction.execute(insertNote('lost'));
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await readNotes()).toEqual(['kept']);
  });

  it('leaves no rows and no client that is in use if the backend is terminated in the transaction', async () => {
    for (let round = 0; round < 20; round += 1) {
      const failing = withTransaction(db.database, async (transaction) => {
        await transaction.execute(insertNote('half-done'));
        await transaction.execute(sql`select pg_terminate_backend(pg_backend_pid())`);
        await transaction.execute(insertNote('after'));
      });
      await expect(failing).rejects.toThrow();
    }
    expect(await readNotes()).toEqual(['kept']);
    await withTransaction(db.database, (transaction) => transaction.execute(sql`select 1`));
    expect(db.pool.totalCount).toBe(db.pool.idleCount);
  });

  it('retries after a serialisation failure', async () => {
    let attempts = 0;
    await withTransaction(db.database, async (transaction) => {
      attempts += 1;
      if (attempts < 3) await transaction.execute(sql`do $$ begin raise sqlstate '40001'; end $$`);
    });
    expect(attempts).toBe(3);
  });

  it('fails after four attempts, and immediately for any other error', async () => {
    const countAttempts = async (state: string) => {
      let attempts = 0;
      const failing = withTransaction(db.database, async (transaction) => {
        attempts += 1;
        await transaction.execute(sql.raw(`do $$ begin raise sqlstate '${state}'; end $$`));
      });
      await expect(failing).rejects.toThrow();
      return attempts;
    };
    expect(await countAttempts('40001')).toBe(4);
    expect(await countAttempts('23505')).toBe(1);
  });
});

describe('withSharedTransaction', () => {
  it('runs the transactions and statements of the shared database in one transaction', async () => {
    const before = await readNotes();
    const events: string[] = [];
    const run = (text: string, { fails = false } = {}) =>
      withSharedTransaction(db.database, async (shared, transaction) => {
        for (const part of ['a', 'b'])
          await withTransaction(shared, async (joined) => {
            beforeCommit(joined, async () => void events.push(part));
            await joined.execute(insertNote(`${text} ${part}`));
          });
        await shared.execute(insertNote(`${text} c`));
        expect(await readNotes()).toEqual(before);
        const { rows } = await transaction.execute(sql`select from notes where text like ${`${text} %`}`);
        expect(rows).toHaveLength(3);
        expect(shared.$client).toBe(db.pool);
        if (fails) throw new Error('changed my mind');
      });
    await expect(run('lost', { fails: true })).rejects.toThrow('changed my mind');
    expect([await readNotes(), events]).toEqual([before, []]);
    await run('shared');
    expect(await readNotes()).toEqual([...before, 'shared a', 'shared b', 'shared c'].toSorted());
    expect(events).toEqual(['a', 'b']);
  });
});
