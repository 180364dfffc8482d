import type pg from 'pg';
import { type Connection, connectDatabase, type Database } from '#db/client.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from './log.ts';

// Next.js loads this file once per bundle, so a variable of the module would lead to several pools per process.
const processGlobals = globalThis as typeof globalThis & { stagedoorConnection?: Connection };

function getConnection(): Connection {
  processGlobals.stagedoorConnection ??= connectDatabase(settings().databaseUrl, (error) =>
    log.warn('database.connection_lost', { message: error.message }),
  );
  return processGlobals.stagedoorConnection;
}

/** Returns Drizzle on this process's pool, which it creates at the first call. */
export function database(): Database {
  return getConnection().database;
}

/** Returns the pool behind `database()`, for libraries that need one. */
export function databasePool(): pg.Pool {
  return getConnection().pool;
}

/** Closes this process's pool, if there is one. */
export async function closeDatabase(): Promise<void> {
  await processGlobals.stagedoorConnection?.close();
  delete processGlobals.stagedoorConnection;
}
