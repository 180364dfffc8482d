import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { digestKey } from '#lib/api-keys/digest.ts';
import { mintKey } from '#lib/api-keys/mint.ts';
import { migrate } from '#lib/migrate.ts';
import { startEmbeddedPostgres } from '../scripts/embedded-postgres.mjs';

export type BenchDatabase = { url: string; keys: string[]; stop(): Promise<void> };

/** A PostgreSQL of its own, with accounts whose keys are known. */
export async function startBenchDatabase(accounts: number): Promise<BenchDatabase> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-bench-'));
  const postgres = await startEmbeddedPostgres({ folder });
  const stop = async () => {
    await postgres.stop('immediate');
    await rm(folder, { recursive: true, force: true });
  };
  await migrate(postgres.url);
  const keys = Array.from({ length: accounts }, () => mintKey('stagekey'));
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(
    `insert into api_accounts (id, username, username_folded, email, phone, key_digest)
     select id, 'Company ' || number, 'company ' || number, 'it@example.com', '+447894123456', digest
     from unnest($1::uuid[], $2::bytea[]) with ordinality as made (id, digest, number)`,
    [keys.map(() => uuidv7()), keys.map(digestKey)],
  );
  await client.query('vacuum analyze api_accounts');
  await client.end();
  return { url: postgres.url, keys, stop };
}
