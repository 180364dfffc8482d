import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '#db/embedded-postgres.ts';
import { migrate } from '#lib/migrate.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A server with the database `template`, which `createTestDatabase` clones. */
    clusterUrl: string;
  }
}

/** Vitest's global set-up: one throw-away PostgreSQL for the run, with a migrated database to clone. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-test-'));
  const postgres = await startEmbeddedPostgres({
    folder,
    // The data lives as long as the run: nothing is gained by waiting for the disk.
    parameters: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '400' },
  });
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query('create database template_stagedoor');
  await client.end();
  const template = new URL(postgres.url);
  template.pathname = '/template_stagedoor';
  await migrate(template.href);
  project.provide('clusterUrl', postgres.url);
  return async () => {
    await postgres.stop('immediate');
    await rm(folder, { recursive: true, force: true });
  };
}
