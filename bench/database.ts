import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded-postgres.ts';
import { migrate } from '#db/migrate.ts';
import { generateKey } from '#lib/api-keys/api-key.ts';

type AccountOptions = {
  accounts: number;
  /** How many accounts have a known key. They are spread evenly over the table. */
  knownKeys: number;
  /** A limit for every second account with a known key, in requests per minute. By default, no account has one. */
  limit?: number;
};

type AccountDatabase = {
  databaseUrl: string;
  /** A file with the known keys of accounts without their own limit, one per line. */
  keysFile: string;
  /** A file with the known keys of accounts with their own limit. */
  limitedKeysFile: string;
};

const FILL_ACCOUNTS = `
  insert into api_accounts
    (id, username, username_folded, email, phone, key_digest, key_generated_at, requests_per_minute)
  select uuidv7(), 'Company ' || number, 'company ' || number, 'it@company' || number || '.example',
    '+447894123456', coalesce(sha256(convert_to(key, 'UTF8')), sha256(uuid_send(gen_random_uuid()))), now(),
    case when ordinal % 2 = 0 then $4::integer end
  from generate_series(1, $1::integer) as number
  left join unnest($2::text[]) with ordinality as known (key, ordinal) on number = ordinal * $3::integer`;

const generateKeys = (count: number) => Array.from({ length: count }, () => generateKey('stagekey'));

/** Runs statements one after the other on a new connection, and returns the rows of the last one. */
export async function query(databaseUrl: string, ...statements: (string | pg.QueryConfig)[]) {
  const client = new pg.Client({ connectionString: databaseUrl });
  // If the connection breaks, the running query fails, which is enough.
  client.on('error', () => {});
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  } finally {
    await client.end();
  }
}

/** A temporary PostgreSQL with the configuration of `npm start`. */
export class BenchPostgres {
  #folder: string;
  #server: EmbeddedPostgres;

  private constructor(folder: string, server: EmbeddedPostgres) {
    this.#folder = folder;
    this.#server = server;
  }

  static async start(): Promise<BenchPostgres> {
    const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-bench-'));
    const postgres = new BenchPostgres(folder, await startEmbeddedPostgres({ folder }));
    await migrate(postgres.#server.url);
    return postgres;
  }

  /** Returns a version such as 18.4. */
  async readVersion(): Promise<string> {
    const [row] = await query(this.#server.url, 'show server_version');
    return String(row?.server_version);
  }

  /** Returns the path for a file that is deleted with the database. */
  getFilePath(name: string): string {
    return path.join(this.#folder, name);
  }

  /** Creates a database as a copy of a template, by default an empty one. Returns its URL. */
  async createDatabase(name: string, template = 'template0'): Promise<string> {
    const url = new URL(this.#server.url);
    // PostgreSQL allows no connections to a template while it copies it.
    url.pathname = '/postgres';
    await query(url.href, `create database ${name} template ${template}`);
    url.pathname = `/${name}`;
    return url.href;
  }

  /** Creates a database of Stagedoor with accounts. */
  async createAccounts(
    name: string,
    { accounts, knownKeys: keyCount, limit }: AccountOptions,
  ): Promise<AccountDatabase> {
    const databaseUrl = await this.createDatabase(name, 'stagedoor');
    const knownKeys = generateKeys(keyCount);
    const fill = {
      text: FILL_ACCOUNTS,
      values: [accounts, knownKeys, Math.floor(accounts / keyCount), limit],
    };
    // Finish the maintenance work of the inserts now, so that it does not disturb a measurement.
    await query(databaseUrl, fill, 'vacuum analyze api_accounts', 'checkpoint');
    const isLimited = (_: string, index: number) => limit !== undefined && index % 2 === 1;
    const limitedKeys = knownKeys.filter(isLimited);
    const otherKeys = knownKeys.filter((key, index) => !isLimited(key, index));
    return {
      databaseUrl,
      keysFile: await this.#writeKeys(`${name}.keys`, otherKeys),
      limitedKeysFile: await this.#writeKeys(`${name}-limited.keys`, limitedKeys),
    };
  }

  /** Writes a file of well-formed keys that no account has. Returns its path. */
  writeUnknownKeys(count: number): Promise<string> {
    return this.#writeKeys('unknown.keys', generateKeys(count));
  }

  /** Writes a file with a part of another file's keys, evenly spread. Returns its path. */
  async writeSample(keysFile: string, count: number): Promise<string> {
    const keys = (await readFile(keysFile, 'utf8')).trim().split('\n');
    const sample = keys.filter((_, index) => index % Math.floor(keys.length / count) === 0).slice(0, count);
    return this.#writeKeys('sample.keys', sample);
  }

  /** Stops the server immediately, runs `work`, and starts the server again. */
  async stopDuring(work: () => Promise<unknown>): Promise<void> {
    await this.#server.stop('immediate');
    await work();
    this.#server = await startEmbeddedPostgres({ folder: this.#folder, port: this.#server.port });
  }

  async stop(): Promise<void> {
    await this.#server.stop('immediate');
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #writeKeys(name: string, keys: string[]): Promise<string> {
    await writeFile(this.getFilePath(name), `${keys.join('\n')}\n`);
    return this.getFilePath(name);
  }
}
