import { setImmediate as turn } from 'node:timers/promises';
import type fc from 'fast-check';
import type { PoolClient } from 'pg';
import { type Connection, connectDatabase, type Database } from '#db/client.ts';

const BLOCKED =
  'select count(*)::int as blocked from unnest($1::int[]) as pid where cardinality(pg_blocking_pids(pid)) > 0';

/** The id of a connection's process at the server; `pg` has it, its types do not. */
const pidOf = (client: PoolClient) => (client as PoolClient & { processID: number }).processID;

/**
 * A database whose statements wait, one by one, until a scheduler of fast-check lets them go: so that acts that begin
 * at once meet in any order, statement by statement, and a failing order can be had again from its seed.
 *
 * After each statement that is let go, the scheduler waits until every one under way has been answered or waits for
 * a row that another act holds. Outside of `run`, statements pass as they come.
 */
export class Interleaving {
  readonly database: Database;
  #connection: Connection;
  /** Sees who waits for whom. */
  #observer: Connection;
  #scheduler: fc.Scheduler | null = null;
  #underWay = new Set<PoolClient>();
  #gated = new WeakSet<PoolClient>();

  constructor(url: string) {
    this.#connection = connectDatabase(url);
    this.#observer = connectDatabase(url);
    const { database, pool } = this.#connection;
    this.database = database;
    const connectUngated = pool.connect.bind(pool) as () => Promise<PoolClient>;
    const connect = async () => this.#gate(await connectUngated());
    const query = async (...statement: unknown[]) => {
      const client = await connect();
      try {
        return await (client.query as (...all: unknown[]) => Promise<unknown>)(...statement);
      } finally {
        client.release();
      }
    };
    Object.assign(pool, { connect, query });
  }

  /** Does all acts at once, their statements in the scheduler's order. */
  async run<T>(scheduler: fc.Scheduler, acts: (() => Promise<T>)[]): Promise<T[]> {
    this.#scheduler = scheduler;
    try {
      return await scheduler.waitFor(Promise.all(acts.map((act) => act())));
    } finally {
      this.#scheduler = null;
    }
  }

  async close(): Promise<void> {
    await this.#connection.close();
    await this.#observer.close();
  }

  #gate(client: PoolClient): PoolClient {
    if (this.#gated.has(client)) return client;
    this.#gated.add(client);
    const send = client.query.bind(client) as (...all: unknown[]) => Promise<unknown>;
    const query = async (...statement: unknown[]) => {
      const label = wordsOf(statement[0]);
      // That a transaction begins is nobody else's business.
      if (label !== 'begin') await this.#turnFor(label);
      this.#underWay.add(client);
      try {
        return await send(...statement);
      } finally {
        this.#underWay.delete(client);
      }
    };
    return Object.assign(client, { query });
  }

  async #turnFor(label: string): Promise<void> {
    await this.#scheduler?.schedule(Promise.resolve(), label, undefined, async (letGo) => {
      await letGo();
      await this.#quiet();
    });
  }

  /** Resolves once each statement under way waits for another. */
  async #quiet(): Promise<void> {
    for (;;) {
      await turn();
      const pids = Array.from(this.#underWay, pidOf);
      if (pids.length === 0) return;
      const { rows } = await this.#observer.pool.query<{ blocked: number }>(BLOCKED, [pids]);
      if (rows[0]?.blocked === this.#underWay.size) return;
    }
  }
}

/** The first words of a statement, for whoever reads a failing order. */
function wordsOf(statement: unknown): string {
  const text = typeof statement === 'string' ? statement : (statement as { text: string }).text;
  return text.trim().slice(0, 40);
}
