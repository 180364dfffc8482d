import pg from 'pg';
import { discardLibpqVariables, parseDatabaseUrl, readTlsOptions } from './database-url.ts';

/** For a client that runs a few statements and ends. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Converts a database URL to options of `pg`, for a client, a pool or pg-boss.
 * @param applicationName shown in `pg_stat_activity`, unless the URL has another one
 * @throws a DatabaseUrlError
 */
export function createClientConfig(url: string, applicationName = 'stagedoor') {
  const address = parseDatabaseUrl(url);
  const { host, port, user, password, database, options, tls } = address;
  discardLibpqVariables();
  return {
    ...{ host, port, user, database },
    // A function, because for an empty password, `pg` would read a password file, which `postgres` does not know.
    password: () => password,
    ssl: readTlsOptions(address),
    ...(tls?.isDirect ? { sslnegotiation: 'direct' as const } : {}),
    ...(options === undefined ? {} : { options }),
    application_name: address.applicationName ?? applicationName,
  } satisfies pg.ClientConfig;
}

/** Creates a client for a few statements. The caller connects and ends it. */
export function createClient(url: string): pg.Client {
  const client = new pg.Client({ ...createClientConfig(url), connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // Without it, a connection that is lost between two statements ends the process. The next statement rejects.
  client.on('error', () => {});
  return client;
}

/**
 * Reports whether the connection goes through a pooler such as PgBouncer, which gives clients process ids of its own. In
 * its transaction mode, each transaction may run on another connection to PostgreSQL, so nothing that outlives a
 * transaction works: session variables, LISTEN, session-level advisory locks, named prepared statements.
 */
export async function isPooled(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return (client as pg.ClientBase & { processID?: number }).processID !== rows[0]?.pid;
}
