import pg from 'pg';

const OLDEST = 15;
const DEFAULT_TIMEOUT_MS = 4_000;

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  // Several addresses were tried: the first one's error says most.
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  return error.message || ('code' in error ? String(error.code) : error.name);
}

/**
 * Finds out whether the database answers and is new enough.
 * @param timeoutMs the longest wait for the connection, and then for the answer
 * @returns what is wrong, without the URL's password; undefined if nothing is
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
    // The query that is running reports it.
  });
  try {
    await client.connect();
    const { rows } = await client.query('show server_version_num');
    const version = Math.floor(Number(rows[0].server_version_num) / 10_000);
    if (version >= OLDEST) return undefined;
    return `The database is PostgreSQL ${version}; Stagedoor needs ${OLDEST} or newer.`;
  } catch (error) {
    return `The database ${pathname.slice(1)} at ${host} cannot be reached (${reasonOf(error)}): check DATABASE_URL, and that PostgreSQL is running.`;
  } finally {
    await client.end().catch(() => {});
  }
}
