import { setTimeout as delay } from 'node:timers/promises';
import { drizzle } from 'drizzle-orm/node-postgres';
import type { PoolClient } from 'pg';
import type { Database, Transaction } from './client.ts';

/** SQLSTATEs of failures that a retry may resolve: serialisation failure and deadlock. */
const RETRYABLE_STATES = new Set(['40001', '40P01']);
const MAX_ATTEMPTS = 4;

function findSqlState(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
  }
  return undefined;
}

/**
 * Commits and checks that the commit was confirmed.
 *
 * With synchronous replication, COMMIT succeeds with a warning if its wait for the standbys is cancelled
 * (`pg_cancel_backend`). A verifier on a standby may then not see the change yet, so the change must not be confirmed.
 */
async function commit(client: PoolClient): Promise<void> {
  let warning: string | undefined;
  const onNotice = ({ code, message }: { code?: string | undefined; message?: string | undefined }) => {
    // Checks the SQLSTATE, because the severity is in the server's language.
    if (code?.startsWith('01')) warning = message ?? code;
  };
  client.on('notice', onNotice);
  try {
    const { command } = await client.query('commit');
    // PostgreSQL responds ROLLBACK if an earlier statement failed and the error was swallowed.
    if (command !== 'COMMIT') warning = `the server responded ${command}`;
  } finally {
    client.off('notice', onNotice);
  }
  if (warning !== undefined) throw new Error(`the commit was not confirmed: ${warning}`);
}

type CommitCallback = () => Promise<void>;
const callbacksByTransaction = new WeakMap<Transaction, CommitCallback[]>();

/**
 * Registers a callback that runs in the transaction right before COMMIT. Acquire a lock there if all transactions need
 * it, so that it is held only briefly.
 * @param transaction the transaction that `withTransaction` passed to `work`
 */
export function beforeCommit(transaction: Transaction, callback: CommitCallback): void {
  const callbacks = callbacksByTransaction.get(transaction);
  if (!callbacks) throw new Error('this transaction was not started by withTransaction');
  callbacks.push(callback);
}

/** Runs the work, then the callbacks of `beforeCommit`. */
async function runWork<T>(client: PoolClient, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  const transaction: Transaction = drizzle(client);
  const callbacks: CommitCallback[] = [];
  callbacksByTransaction.set(transaction, callbacks);
  const result = await work(transaction);
  for (const callback of callbacks) await callback();
  callbacksByTransaction.delete(transaction);
  return result;
}

/**
 * Runs the transaction once. Destroys the client after a failed ROLLBACK or COMMIT, because it may still be in a
 * transaction.
 *
 * Drizzle's own `transaction` is not used: it issues BEGIN outside its `try`, and returns broken clients to the pool
 * (drizzle-orm issues 6023, 6114, 6241 and 6341).
 */
async function runOnce<T>(database: Database, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  const client: PoolClient = await database.$client.connect();
  let isBroken = true;
  try {
    await client.query('begin');
    const result = await runWork(client, work).catch(async (error: unknown) => {
      await client.query('rollback').then(
        () => {
          isBroken = false;
        },
        () => {
          // The connection is lost, and the transaction with it. `isBroken` stays true.
        },
      );
      throw error;
    });
    await commit(client);
    isBroken = false;
    return result;
  } finally {
    client.release(isBroken);
  }
}

const sharedTransactions = new WeakMap<Database, Transaction>();

/**
 * Runs `work` in a transaction. Commits when it returns and rolls back when it throws.
 * With the database of `withSharedTransaction`, runs it in that transaction instead, which commits later.
 *
 * `work` runs again after a serialisation failure or a deadlock, up to four times in total, so a rollback must undo all
 * its effects.
 *
 * @throws the error of `work`, or the driver's error if the database cannot be reached. After an error from COMMIT, it
 *   is unknown whether the work was committed.
 */
export async function withTransaction<T>(
  database: Database,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const shared = sharedTransactions.get(database);
  if (shared) return work(shared);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(database, work);
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !RETRYABLE_STATES.has(findSqlState(error) ?? '')) throw error;
      await delay(Math.random() * 20 * 2 ** attempt);
    }
  }
}

/**
 * Runs `work` in a transaction, as `withTransaction` does, and passes it a database whose statements and transactions all
 * belong to that transaction. So a use case that starts its own transaction can commit together with other changes.
 */
export function withSharedTransaction<T>(
  database: Database,
  work: (shared: Database, transaction: Transaction) => Promise<T>,
): Promise<T> {
  return withTransaction(database, (transaction) => {
    // The pool, because pg-boss is started once for each.
    const shared: Database = Object.assign(drizzle(transaction.$client), { $client: database.$client });
    sharedTransactions.set(shared, transaction);
    return work(shared, transaction);
  });
}
