import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { connectDatabase, type Database } from './client.ts';

export type TestDatabase = { url: string; database: Database; pool: pg.Pool; drop(): Promise<void> };

/** Tests send fifty requests at once, and the machine may be busy with others. */
const PATIENT = { queryMs: 60_000, connectMs: 60_000 };

async function onCluster(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('clusterUrl') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/**
 * A migrated, empty database of a test's own, cloned from the template of `scripts/test-cluster.ts` in some
 * 30 ms: so tests commit for real, race for real and run side by side.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onCluster(`create database ${name} template template_stagedoor strategy file_copy`);
  const url = new URL(inject('clusterUrl'));
  url.pathname = `/${name}`;
  const { database, pool, close } = connectDatabase(url.href, undefined, PATIENT);
  const drop = async () => {
    await close();
    await onCluster(`drop database ${name} with (force)`);
  };
  return { url: url.href, database, pool, drop };
}
