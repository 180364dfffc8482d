import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { launchPostgres } from '#db/embedded-postgres.ts';
import type { choosePostgresAccount } from '#db/postgres-account.ts';

export type PostgresAccount = ReturnType<typeof choosePostgresAccount>;
export type Parameters = Record<string, string>;

const DEFAULT_PARAMETERS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // A standby must allow at least as many connections as its primary.
  max_connections: '100',
  shared_buffers: '64MB',
  log_error_verbosity: 'terse',
};

/** Runs statements on a new connection; returns the rows of the last one. */
export async function query<Row extends pg.QueryResultRow>(
  url: string,
  ...statements: string[]
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  // If the server stops while a statement runs, the statement rejects with the same error.
  client.on('error', () => {});
  await client.connect();
  try {
    let rows: Row[] = [];
    for (const statement of statements) rows = (await client.query<Row>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

/** Polls until an SQL condition is true, because PostgreSQL has no event for it. */
export async function pollUntil(url: string, condition: string): Promise<void> {
  for (;;) {
    const [row] = await query<{ is: boolean }>(url, `select (${condition}) as is`);
    if (row?.is) return;
    await delay(20);
  }
}

/** A PostgreSQL server that listens on the loopback interface only. */
export class PostgresServer {
  readonly url: string;
  readonly cluster: string;
  readonly port: number;
  #buildCommand: (args: string[]) => ReturnType<PostgresAccount['wrap']>;
  #running: Awaited<ReturnType<typeof launchPostgres>> | undefined;

  constructor(options: {
    cluster: string;
    port: number;
    password: string;
    account: PostgresAccount;
    program: string;
  }) {
    const { cluster, port, password, account, program } = options;
    this.cluster = cluster;
    this.port = port;
    this.url = `postgresql://stagedoor:${password}@127.0.0.1:${port}/stagedoor`;
    this.#buildCommand = (args) => account.wrap(program, args);
  }

  async start(parameters: Parameters): Promise<void> {
    const settings = Object.entries({ ...DEFAULT_PARAMETERS, ...parameters, port: String(this.port) });
    const args = ['-D', this.cluster, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    const server = await launchPostgres(this.#buildCommand(args), this.cluster, () => {});
    if (!server.isReady) throw new Error(`PostgreSQL did not start: ${server.lastLogLines}`);
    this.#running = server;
  }

  async stop(mode: 'fast' | 'immediate'): Promise<void> {
    await this.#running?.stop(mode);
    this.#running = undefined;
  }
}
