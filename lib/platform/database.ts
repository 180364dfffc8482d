import type pg from 'pg';
import { type Connection, connectDatabase, type Database } from '#db/client.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from './log.ts';

// Next.js may load this file once per bundle. `globalThis` ensures one pool per process.
const shared = globalThis as typeof globalThis & { stagedoorConnection?: Connection };

function connection(): Connection {
  shared.stagedoorConnection ??= connectDatabase(settings().databaseUrl, (error) =>
    log.warn('database.connection_lost', { message: error.message }),
  );
  return shared.stagedoorConnection;
}

/** Returns the database of this process's settings. */
export function database(): Database {
  return connection().database;
}

/** Returns the pool behind `database()`, for libraries that need one. */
export function databasePool(): pg.Pool {
  return connection().pool;
}

/** Closes this process's connections, if any. */
export async function closeDatabase(): Promise<void> {
  await shared.stagedoorConnection?.close();
  delete shared.stagedoorConnection;
}
