import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { connectDatabase, type Database } from './client.ts';

export type TestDatabase = { url: string; database: Database; pool: pg.Pool; drop(): Promise<void> };

/** Long timeouts, because tests send many concurrent requests and the machine may be busy. */
const TIMEOUTS = { queryMs: 60_000, connectMs: 60_000 };

let cluster: pg.Pool | undefined;

/** Executes a statement on the file's connection to the cluster. Opening one takes more CPU time than most statements. */
async function executeOnCluster(statement: string): Promise<void> {
  if (!cluster) {
    cluster = new pg.Pool({ connectionString: inject('clusterUrl'), max: 1, allowExitOnIdle: true });
    // Ignore errors while it is idle: the cluster stops at the end of the run.
    cluster.on('error', () => {});
  }
  await cluster.query(statement);
}

/**
 * Creates a migrated, empty database, cloned in about 30 ms from the template of `scripts/test-cluster.ts`.
 * With separate databases, test files can commit transactions and run in parallel.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await executeOnCluster(`create database ${name} template template_stagedoor strategy file_copy`);
  const url = new URL(inject('clusterUrl'));
  url.pathname = `/${name}`;
  const { database, pool, close } = connectDatabase(url.href, undefined, TIMEOUTS);
  const drop = async () => {
    await close();
    await executeOnCluster(`drop database ${name} with (force)`);
  };
  return { url: url.href, database, pool, drop };
}
