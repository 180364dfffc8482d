import pg from 'pg';
import { createClientConfig } from './client-config.ts';
import { explainConnectionError } from './connection-problems.ts';
import { parseDatabaseUrl } from './database-url.ts';

const MIN_VERSION = 15;
const DEFAULT_TIMEOUT_MS = 4_000;

/** Returns the server's major version. */
async function readVersion(url: string, timeoutMs: number): Promise<number> {
  const client = new pg.Client({
    ...createClientConfig(url),
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  });
  client.on('error', () => {
    // The pending query rejects with the same error.
  });
  try {
    await client.connect();
    // A pooler in statement mode refuses transactions.
    await client.query('begin');
    const { rows } = await client.query('show server_version_num');
    await client.query('rollback');
    return Math.floor(Number(rows[0].server_version_num) / 10_000);
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * Checks that the database can be reached and is new enough.
 * @param setting the name of the variable that the URL is from
 * @param timeoutMs timeout of the connection, and again of the query
 * @returns a message for the operator, without the URL's password; undefined if there is no problem
 */
export async function findDatabaseProblem(
  url: string,
  setting = 'DATABASE_URL',
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<string | undefined> {
  try {
    const version = await readVersion(url, timeoutMs);
    if (version >= MIN_VERSION) return undefined;
    return `The database is PostgreSQL ${version}; Stagedoor needs ${MIN_VERSION} or newer.`;
  } catch (error) {
    return explainConnectionError(error, parseDatabaseUrl(url), setting);
  }
}
