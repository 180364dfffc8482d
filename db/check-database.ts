import pg from 'pg';
import { createClientConfig } from './client-config.ts';
import { explainConnectionError } from './connection-problems.ts';
import { parseDatabaseUrl } from './database-url.ts';

const MIN_VERSION = 15;
const DEFAULT_TIMEOUT_MS = 4_000;

/** Connects, runs a function, and disconnects. */
async function withClient<Result>(
  url: string,
  timeoutMs: number,
  run: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
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
    return await run(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Returns the server's major version. */
async function readVersion(client: pg.Client): Promise<number> {
  // A pooler in statement mode refuses transactions.
  await client.query('begin');
  const { rows } = await client.query('show server_version_num');
  await client.query('rollback');
  return Math.floor(Number(rows[0].server_version_num) / 10_000);
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
    const version = await withClient(url, timeoutMs, readVersion);
    if (version >= MIN_VERSION) return undefined;
    return `The database is PostgreSQL ${version}; Stagedoor needs ${MIN_VERSION} or newer.`;
  } catch (error) {
    return explainConnectionError(error, parseDatabaseUrl(url), setting);
  }
}

/** The error code of PostgreSQL for an unknown time zone: invalid_parameter_value. */
const INVALID_PARAMETER = '22023';

/**
 * Checks that the database knows a time zone, because its list may be older than that of Node.js.
 * @returns a message for the operator; undefined if there is no problem
 */
export async function findTimeZoneProblem(url: string, timeZone: string): Promise<string | undefined> {
  try {
    await withClient(url, DEFAULT_TIMEOUT_MS, (client) =>
      client.query('select now() at time zone $1::text', [timeZone]),
    );
    return undefined;
  } catch (error) {
    if ((error as { code?: string }).code !== INVALID_PARAMETER) throw error;
    return `The database does not know the time zone ${timeZone} of ORGANISATION_TIME_ZONE. Update PostgreSQL, or use an older name of the zone.`;
  }
}
