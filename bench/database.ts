import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded-postgres.ts';
import { migrate } from '#db/migrate.ts';
import { generateKey } from '#lib/api-keys/generate.ts';

/** Accounts to be made. */
type Wanted = {
  accounts: number;
  /** How many have a known key. They lie evenly among all. */
  keys: number;
  /** The limit that every second of these has of its own, in requests a minute. Left out: none has one. */
  limit?: number;
};

type Made = {
  databaseUrl: string;
  /** Known keys of accounts without a limit of their own, one a line. */
  keysFile: string;
  limitedKeysFile: string;
};

const FILL = `
  insert into api_accounts
    (id, username, username_folded, email, phone, key_digest, key_minted_at, requests_per_minute)
  select uuidv7(), 'Company ' || number, 'company ' || number, 'it@company' || number || '.example',
    '+447894123456', coalesce(sha256(convert_to(key, 'UTF8')), sha256(uuid_send(gen_random_uuid()))), now(),
    case when place % 2 = 0 then $4::integer end
  from generate_series(1, $1::integer) as number
  left join unnest($2::text[]) with ordinality as known (key, place) on number = place * $3::integer`;

const mintKeys = (count: number) => Array.from({ length: count }, () => generateKey('stagekey'));

/** Runs statements one after the other. @returns the last one's rows */
export async function query(databaseUrl: string, ...statements: (string | pg.QueryConfig)[]) {
  const client = new pg.Client({ connectionString: databaseUrl });
  // What is asked when the connection breaks fails, which tells enough.
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

/** A PostgreSQL of the benchmark's own, set up as `npm start` sets it up, in a folder that goes with it. */
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

  /** Such as 18.4. */
  async version(): Promise<string> {
    const [row] = await query(this.#server.url, 'show server_version');
    return String(row?.server_version);
  }

  /** Where a file may be put: it goes with the database. */
  file(name: string): string {
    return path.join(this.#folder, name);
  }

  /** @param template a database that it is to be like; left out: empty */
  async createDatabase(name: string, template = 'template0'): Promise<string> {
    const url = new URL(this.#server.url);
    // Nobody may be connected to a template.
    url.pathname = '/postgres';
    await query(url.href, `create database ${name} template ${template}`);
    url.pathname = `/${name}`;
    return url.href;
  }

  /** A database of Stagedoor's with accounts in it. */
  async createAccounts(name: string, { accounts, keys, limit }: Wanted): Promise<Made> {
    const databaseUrl = await this.createDatabase(name, 'stagedoor');
    const known = mintKeys(keys);
    const fill = { text: FILL, values: [accounts, known, Math.floor(accounts / keys), limit] };
    // What making them leaves to do is done now, and not while something is measured.
    await query(databaseUrl, fill, 'vacuum analyze api_accounts', 'checkpoint');
    const isLimited = (_: string, index: number) => limit !== undefined && index % 2 === 1;
    const limited = known.filter(isLimited);
    const others = known.filter((key, index) => !isLimited(key, index));
    return {
      databaseUrl,
      keysFile: await this.#writeKeys(`${name}.keys`, others),
      limitedKeysFile: await this.#writeKeys(`${name}-limited.keys`, limited),
    };
  }

  /** @returns a file of well-formed keys that no account has */
  writeUnknownKeys(count: number): Promise<string> {
    return this.#writeKeys('unknown.keys', mintKeys(count));
  }

  /** @returns a file of some of a file's keys, which lie as evenly as those do */
  async writeSample(keysFile: string, count: number): Promise<string> {
    const keys = (await readFile(keysFile, 'utf8')).trim().split('\n');
    const sample = keys.filter((_, index) => index % Math.floor(keys.length / count) === 0).slice(0, count);
    return this.#writeKeys('sample.keys', sample);
  }

  /** Stops the server at once, for so long as `work` takes. Resolves when it takes connections again. */
  async without(work: () => Promise<unknown>): Promise<void> {
    await this.#server.stop('immediate');
    await work();
    this.#server = await startEmbeddedPostgres({ folder: this.#folder, port: this.#server.port });
  }

  async stop(): Promise<void> {
    await this.#server.stop('immediate');
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #writeKeys(name: string, keys: string[]): Promise<string> {
    await writeFile(this.file(name), `${keys.join('\n')}\n`);
    return this.file(name);
  }
}
