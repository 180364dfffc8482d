import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '#db/embedded-postgres.ts';
import { migrate } from '#db/migrate.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A server with the database `template`, which `createTestDatabase` clones. */
    clusterUrl: string;
  }
}

type Cluster = { url: string; stop(): Promise<void> };

/** Starts a throw-away PostgreSQL with a migrated database to clone. */
async function startCluster(): Promise<Cluster> {
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
  const stop = async () => {
    await postgres.stop('immediate');
    await rm(folder, { recursive: true, force: true });
  };
  return { url: postgres.url, stop };
}

/** Projects load this module separately, and share what is kept here. */
const shared = globalThis as { testCluster?: Promise<Cluster> };

/** Vitest's global set-up: one cluster for all projects of the run. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  shared.testCluster ??= startCluster();
  const { url } = await shared.testCluster;
  project.provide('clusterUrl', url);
  return async () => {
    const cluster = await shared.testCluster;
    delete shared.testCluster;
    await cluster?.stop();
  };
}
