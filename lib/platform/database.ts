import type pg from 'pg';
import { type Connection, connectDatabase, type Database } from '#db/client.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from './log.ts';

// On `globalThis`, since Next.js may load this file once for each of its bundles: one pool a process.
const holder = globalThis as typeof globalThis & { stagedoorConnection?: Connection };

function connection(): Connection {
  holder.stagedoorConnection ??= connectDatabase(settings().databaseUrl, (error) =>
    log.warn('database.connection_lost', { message: error.message }),
  );
  return holder.stagedoorConnection;
}

/** This process's own database, by its settings. */
export function database(): Database {
  return connection().database;
}

/** The pool under `database()`, for a library that asks for one. */
export function databasePool(): pg.Pool {
  return connection().pool;
}

/** Ends this process's connections, if it has any. */
export async function closeDatabase(): Promise<void> {
  await holder.stagedoorConnection?.close();
  delete holder.stagedoorConnection;
}
