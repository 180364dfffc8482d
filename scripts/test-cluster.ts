import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '#db/embedded-postgres.ts';
import { migrate } from '#db/migrate.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The URL of a server with the database `template_stagedoor`, which `createTestDatabase` clones. */
    clusterUrl: string;
  }
}

type Cluster = { url: string; stop(): Promise<void> };

/** Starts a temporary PostgreSQL with a migrated database to clone. */
async function startCluster(): Promise<Cluster> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-test-'));
  const postgres = await startEmbeddedPostgres({
    folder,
    // The data is deleted after the run, so it need not survive a crash.
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

/** Each Vitest project loads this module separately; they share the cluster through the global object. */
const shared = globalThis as { testCluster?: Promise<Cluster> };

/** Starts one cluster for all projects of the run (Vitest's global set-up). */
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
