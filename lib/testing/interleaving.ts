import { setImmediate as nextTurn } from 'node:timers/promises';
import type fc from 'fast-check';
import type { PoolClient } from 'pg';
import { type Connection, connectDatabase, type Database } from '#db/client.ts';

const COUNT_BLOCKED =
  'select count(*)::int as blocked from unnest($1::int[]) as pid where cardinality(pg_blocking_pids(pid)) > 0';

/** Returns the process id of a client's backend, which the types of `pg` do not include. */
const getBackendPid = (client: PoolClient) => (client as PoolClient & { processID: number }).processID;

/**
 * A database whose statements a fast-check scheduler releases one by one.
 * So concurrent operations can interleave in any order, and a failing order can be reproduced from its seed.
 *
 * After each release, the scheduler waits until every running statement has completed or is blocked by a lock.
 * While `run` is not in progress, statements are not delayed.
 */
export class Interleaving {
  readonly database: Database;
  #connection: Connection;
  /** A separate connection, to query how many statements are blocked. */
  #observer: Connection;
  #scheduler: fc.Scheduler | null = null;
  #running = new Set<PoolClient>();
  #gated = new WeakSet<PoolClient>();

  constructor(url: string) {
    this.#connection = connectDatabase(url);
    this.#observer = connectDatabase(url);
    const { database, pool } = this.#connection;
    this.database = database;
    const connectUngated = pool.connect.bind(pool) as () => Promise<PoolClient>;
    const connect = async () => this.#gateClient(await connectUngated());
    const query = async (...statement: unknown[]) => {
      const client = await connect();
      try {
        return await (client.query as (...args: unknown[]) => Promise<unknown>)(...statement);
      } finally {
        client.release();
      }
    };
    Object.assign(pool, { connect, query });
  }

  /** Runs all operations concurrently, with their statements in the scheduler's order. */
  async run<T>(scheduler: fc.Scheduler, operations: (() => Promise<T>)[]): Promise<T[]> {
    this.#scheduler = scheduler;
    try {
      return await scheduler.waitFor(Promise.all(operations.map((operation) => operation())));
    } finally {
      this.#scheduler = null;
    }
  }

  async close(): Promise<void> {
    await this.#connection.close();
    await this.#observer.close();
  }

  #gateClient(client: PoolClient): PoolClient {
    if (this.#gated.has(client)) return client;
    this.#gated.add(client);
    const send = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
    const query = async (...statement: unknown[]) => {
      const label = formatLabel(statement[0]);
      // Do not schedule `begin`: it cannot affect other operations.
      if (label !== 'begin') await this.#waitForRelease(label);
      this.#running.add(client);
      try {
        return await send(...statement);
      } finally {
        this.#running.delete(client);
      }
    };
    return Object.assign(client, { query });
  }

  async #waitForRelease(label: string): Promise<void> {
    await this.#scheduler?.schedule(Promise.resolve(), label, undefined, async (release) => {
      await release();
      await this.#waitUntilIdle();
    });
  }

  /** Resolves once every running statement is blocked, or none is running. */
  async #waitUntilIdle(): Promise<void> {
    for (;;) {
      await nextTurn();
      const pids = Array.from(this.#running, getBackendPid);
      if (pids.length === 0) return;
      const { rows } = await this.#observer.pool.query<{ blocked: number }>(COUNT_BLOCKED, [pids]);
      if (rows[0]?.blocked === this.#running.size) return;
    }
  }
}

/** Returns the first characters of a statement, which identify it in a failing order. */
function formatLabel(statement: unknown): string {
  const text = typeof statement === 'string' ? statement : (statement as { text: string }).text;
  return text.trim().slice(0, 40);
}
