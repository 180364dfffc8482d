import { setTimeout as delay } from 'node:timers/promises';
import { drizzle } from 'drizzle-orm/node-postgres';
import type { PoolClient } from 'pg';
import type { Database, Transaction } from './client.ts';

/** SQLSTATEs after which the same transaction, tried again, may pass: serialisation failure and deadlock. */
const WORTH_ANOTHER_TRY = new Set(['40001', '40P01']);
const TRIES = 4;

function sqlState(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
  }
  return undefined;
}

/**
 * Commits, and makes sure that it was confirmed. Where commits wait for standbys and somebody cancels the wait
 * (`pg_cancel_backend`), PostgreSQL answers COMMIT with a mere warning: the work is done on
 * the primary, and a verifier on a standby may not see it yet. So it must not be told as done.
 */
async function commit(client: PoolClient): Promise<void> {
  let warning: string | undefined;
  const onNotice = ({ code, message }: { code?: string | undefined; message?: string | undefined }) => {
    // By its SQLSTATE: the word for its severity is in the server's language.
    if (code?.startsWith('01')) warning = message ?? code;
  };
  client.on('notice', onNotice);
  try {
    const { command } = await client.query('commit');
    // What it says where a statement had failed and nobody noticed.
    if (command !== 'COMMIT') warning = `the server answered ${command}`;
  } finally {
    client.off('notice', onNotice);
  }
  if (warning !== undefined) throw new Error(`the commit was not confirmed: ${warning}`);
}

type Finish = () => Promise<void>;
const finishes = new WeakMap<Transaction, Finish[]>();

/**
 * Runs `finish` inside the transaction, after the work and right before its COMMIT: for what takes a lock that all
 * transactions want, so that it is taken last and held for a moment.
 * @param transaction as `withTransaction` handed it to its work
 */
export function beforeCommit(transaction: Transaction, finish: Finish): void {
  const known = finishes.get(transaction);
  if (!known) throw new Error('this transaction is not one of withTransaction');
  known.push(finish);
}

/** The work, then what was to be done before the commit. */
async function workAndFinish<T>(
  client: PoolClient,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const transaction: Transaction = drizzle(client);
  const waiting: Finish[] = [];
  finishes.set(transaction, waiting);
  const result = await work(transaction);
  for (const finish of waiting) await finish();
  finishes.delete(transaction);
  return result;
}

/**
 * One try. The client goes back to the pool only where it is known to be outside any transaction; after a
 * failed ROLLBACK or COMMIT it is destroyed. (Drizzle's own `transaction` issues BEGIN outside its `try` and
 * gives dead clients back as healthy: its issues 6023, 6114, 6241, 6341.)
 */
async function once<T>(database: Database, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  const client: PoolClient = await database.$client.connect();
  let broken: Error | boolean = true;
  try {
    await client.query('begin');
    const result = await workAndFinish(client, work).catch(async (error: unknown) => {
      await client.query('rollback').then(
        () => {
          broken = false;
        },
        () => {
          // The connection is gone, and the transaction with it: `broken` stays true.
        },
      );
      throw error;
    });
    await commit(client);
    broken = false;
    return result;
  } finally {
    client.release(broken);
  }
}

/**
 * Runs `work` in one transaction: committed when it returns, rolled back when it throws.
 *
 * `work` may run more than once (after a serialisation failure or a deadlock, at most four times), so it must
 * do nothing that the rollback does not undo.
 *
 * @throws what `work` throws; the driver's error when the database cannot be reached. An error from COMMIT
 *   itself leaves open whether the work was done.
 */
export async function withTransaction<T>(
  database: Database,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await once(database, work);
    } catch (error) {
      if (attempt === TRIES || !WORTH_ANOTHER_TRY.has(sqlState(error) ?? '')) throw error;
      await delay(Math.random() * 20 * 2 ** attempt);
    }
  }
}
