import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';

/** Drizzle on a pool: for single statements, and what `withTransaction` takes its clients from. */
export type Database = NodePgDatabase & { $client: pg.Pool };
/** Drizzle on one client that is inside a transaction. */
export type Transaction = NodePgDatabase & { $client: pg.PoolClient };
/** Either: for reads that may be part of a transaction or not. */
export type Queryable = NodePgDatabase;

export type Connection = { database: Database; pool: pg.Pool; close(): Promise<void> };

/** No statement of ours is slow: one that is has lost its server. `connectMs` includes the wait for a free connection. */
const TIMEOUTS = { queryMs: 8_000, connectMs: 3_000 };

/**
 * Opens a pool of at most 10 connections; nothing is sent before the first query.
 * @param url a `postgresql://` URL
 * @param onLost told when a connection dies while nobody uses it
 */
export function connectDatabase(
  url: string,
  onLost: (error: Error) => void = () => {},
  timeouts = TIMEOUTS,
): Connection {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: timeouts.connectMs,
    query_timeout: timeouts.queryMs,
    application_name: 'stagedoor',
  });
  // Without these two, a backend that dies ends the process: idle in the pool, or between two queries.
  pool.on('error', onLost);
  pool.on('connect', (client) => {
    client.on('error', () => {
      // The query under way, if any, is rejected by the driver with the same error.
    });
  });
  return { database: drizzle(pool), pool, close: () => pool.end() };
}
