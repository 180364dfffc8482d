import type pg from 'pg';
import { type Connection, connectDatabase, type Database } from '#db/client.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { log } from './log.ts';

/**
 * The requests that share a pool: those of signed-in users, those of the management API, and those that need no session.
 * They have separate pools, so that neither programs nor unauthenticated clients can make a signed-in user wait for a
 * connection.
 */
type Lane = 'signed-in' | 'api' | 'public';

// Next.js loads this file once per bundle, so a variable of the module would lead to several pools per process and lane.
const processGlobals = globalThis as typeof globalThis & { stagedoorConnections?: Map<Lane, Connection> };

function getConnection(lane: Lane): Connection {
  processGlobals.stagedoorConnections ??= new Map();
  const existing = processGlobals.stagedoorConnections.get(lane);
  if (existing) return existing;
  const connection = connectDatabase(settings().databaseUrl, (error) =>
    log.warn('database.connection_lost', { message: error.message }),
  );
  processGlobals.stagedoorConnections.set(lane, connection);
  return connection;
}

/** Returns Drizzle on this process's pool for requests of signed-in users, which it creates at the first call. */
export function database(): Database {
  return getConnection('signed-in').database;
}

/** Returns the pool behind `database()`, for libraries that need one. */
export function databasePool(): pg.Pool {
  return getConnection('signed-in').pool;
}

/** Returns Drizzle on this process's pool for requests of the management API, which it creates at the first call. */
export function apiDatabase(): Database {
  return getConnection('api').database;
}

/** Returns Drizzle on this process's pool for requests that need no session, which it creates at the first call. */
export function publicDatabase(): Database {
  return getConnection('public').database;
}

/** Returns the pool behind `publicDatabase()`, for libraries that need one. */
export function publicDatabasePool(): pg.Pool {
  return getConnection('public').pool;
}

/** Closes this process's pools, if there are any. */
export async function closeDatabase(): Promise<void> {
  const connections = [...(processGlobals.stagedoorConnections?.values() ?? [])];
  delete processGlobals.stagedoorConnections;
  await Promise.all(connections.map((connection) => connection.close()));
}
