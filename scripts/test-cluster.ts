import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '#db/embedded-postgres.ts';
import { migrate } from '#db/migrate.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The URL of a server with the database `template_stagedoor`, which `createTestDatabase` clones. */
    clusterUrl: string;
    /** The folder of a stopped cluster with a migrated database, which `copyMigratedCluster` copies. */
    migratedCluster: string;
  }
}

type Cluster = { url: string; migratedCluster: string; stop(): Promise<void> };

const PARAMETERS = {
  // The data is deleted after the run, so it need not survive a crash.
  ...{ fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  max_connections: '400',
  // Hashes a password once instead of 4,096 times at each connection, because tests open thousands.
  scram_iterations: '1',
};

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

/** Creates a cluster with a migrated database, and stops it. */
async function createMigratedCluster(folder: string): Promise<void> {
  const { url, stop } = await startEmbeddedPostgres({ folder, parameters: PARAMETERS });
  // Replaces the hash of the password that initdb has stored.
  await execute(url, `alter role stagedoor password '${new URL(url).password}'`);
  await migrate(url);
  await stop();
}

/** Starts a temporary PostgreSQL with a migrated database to clone. */
async function startCluster(): Promise<Cluster> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-test-'));
  // If this process is root, PostgreSQL runs as another user, who enters the folder.
  await chmod(folder, 0o711);
  const migratedCluster = path.join(folder, 'migrated');
  await createMigratedCluster(migratedCluster);
  const running = path.join(folder, 'running');
  await promisify(execFile)('cp', ['-a', migratedCluster, running]);
  const postgres = await startEmbeddedPostgres({ folder: running, parameters: PARAMETERS });
  await execute(postgres.url, 'create database template_stagedoor template stagedoor');
  const stop = async () => {
    await postgres.stop('immediate');
    await rm(folder, { recursive: true, force: true });
  };
  return { url: postgres.url, migratedCluster, stop };
}

/** Each Vitest project loads this module separately; they share the cluster through the global object. */
const shared = globalThis as { testCluster?: Promise<Cluster> };

/** Starts one cluster for all projects of the run (Vitest's global set-up). */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  shared.testCluster ??= startCluster();
  const { url, migratedCluster } = await shared.testCluster;
  project.provide('clusterUrl', url);
  project.provide('migratedCluster', migratedCluster);
  return async () => {
    const cluster = await shared.testCluster;
    delete shared.testCluster;
    await cluster?.stop();
  };
}
