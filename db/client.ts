import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { createClientConfig } from './client-config.ts';

/** Drizzle on a pool, for single statements and for `withTransaction`. */
export type Database = NodePgDatabase & { $client: pg.Pool };
/** Drizzle on one client with an open transaction. */
export type Transaction = NodePgDatabase & { $client: pg.PoolClient };
/** A `Database` or a `Transaction`, for statements inside or outside a transaction. */
export type Queryable = NodePgDatabase;

export type Connection = { database: Database; pool: pg.Pool; close(): Promise<void> };

/** Far longer than any statement takes. `connectMs` includes the wait for a free connection. */
const TIMEOUTS = { queryMs: 8_000, connectMs: 3_000 };

/**
 * Creates a pool of at most 10 connections. Connects on the first query.
 * @param url a `postgresql://` URL
 * @param onLost called when an idle connection is lost
 */
export function connectDatabase(
  url: string,
  onLost: (error: Error) => void = () => {},
  timeouts = TIMEOUTS,
): Connection {
  const pool = new pg.Pool({
    ...createClientConfig(url),
    max: 10,
    connectionTimeoutMillis: timeouts.connectMs,
    query_timeout: timeouts.queryMs,
  });
  // Without these handlers, a connection that is lost while idle or between two queries ends the process.
  pool.on('error', onLost);
  pool.on('connect', (client) => {
    client.on('error', () => {
      // A pending query rejects with the same error.
    });
  });
  return { database: drizzle(pool), pool, close: () => pool.end() };
}
