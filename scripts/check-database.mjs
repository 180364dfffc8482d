import { Trouble } from './trouble.mjs';

const OLDEST = 15;

/** @param {unknown} error */
function reasonOf(error) {
  if (!(error instanceof Error)) return 'unknown';
  // Several addresses were tried: the first one's error tells most.
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  return error.message || ('code' in error ? String(error.code) : error.name);
}

/**
 * Makes sure that the database answers and is not too old, within some four seconds.
 * @param {string} url
 * @throws a Trouble, without the URL's password
 */
export async function checkDatabase(url) {
  const { default: pg } = await import('pg');
  const { host, pathname } = new URL(url);
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 4_000,
    query_timeout: 4_000,
  });
  client.on('error', () => {
    // Told by the query under way.
  });
  try {
    await client.connect();
    const { rows } = await client.query('show server_version_num');
    const version = Math.floor(Number(rows[0].server_version_num) / 10_000);
    if (version < OLDEST)
      throw new Trouble(`The database is PostgreSQL ${version}; Stagedoor needs ${OLDEST} or newer.`);
  } catch (cause) {
    if (cause instanceof Trouble) throw cause;
    throw new Trouble(
      `The database ${pathname.slice(1)} at ${host} cannot be reached (${reasonOf(cause)}): check DATABASE_URL, and that PostgreSQL is running.`,
      { cause },
    );
  } finally {
    await client.end().catch(() => {});
  }
}
