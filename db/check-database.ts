import pg from 'pg';

const MIN_VERSION = 15;
const DEFAULT_TIMEOUT_MS = 4_000;

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  // The errors of all IP addresses that were tried. The first one is the most useful.
  if (error instanceof AggregateError) return describeError(error.errors[0]);
  return error.message || ('code' in error ? String(error.code) : error.name);
}

/**
 * Checks that the database can be reached and is new enough.
 * @param timeoutMs timeout of the connection, and again of the query
 * @returns a message for the operator, without the URL's password; undefined if there is no problem
 */
export async function findDatabaseProblem(
  url: string,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<string | undefined> {
  const { host, pathname } = new URL(url);
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  });
  client.on('error', () => {
    // The pending query rejects with the same error.
  });
  try {
    await client.connect();
    const { rows } = await client.query('show server_version_num');
    const version = Math.floor(Number(rows[0].server_version_num) / 10_000);
    if (version >= MIN_VERSION) return undefined;
    return `The database is PostgreSQL ${version}; Stagedoor needs ${MIN_VERSION} or newer.`;
  } catch (error) {
    return `The database ${pathname.slice(1)} at ${host} cannot be reached (${describeError(error)}): check DATABASE_URL, and that PostgreSQL is running.`;
  } finally {
    await client.end().catch(() => {});
  }
}
