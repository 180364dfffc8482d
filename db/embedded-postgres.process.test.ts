import { execFile } from 'node:child_process';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  createCluster,
  findPostgresBinaries,
  hasCluster,
  startEmbeddedPostgres,
} from './embedded-postgres.ts';
import { choosePostgresAccount } from './postgres-account.ts';

const NOBODY_UID = 65_534;
const IS_ROOT = process.getuid?.() === 0;
const runProgram = promisify(execFile);
const WITHOUT_FSYNC = { fsync: 'off' };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-postgres-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function queryValue(url: string, statement: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: statement, rowMode: 'array' })).rows[0]?.[0];
  } finally {
    await client.end();
  }
}

async function startAndStop(dataFolder: string): Promise<void> {
  const server = await startEmbeddedPostgres({ folder: dataFolder, parameters: WITHOUT_FSYNC });
  await server.stop();
}

describe('startEmbeddedPostgres on a data folder', () => {
  const dataFolder = () => path.join(folder, 'data');

  it('replaces an unfinished cluster by one with UTF-8 and a password, which listens only on 127.0.0.1', async () => {
    await mkdir(path.join(dataFolder(), 'unfinished-1/cluster'), { recursive: true });
    const server = await startEmbeddedPostgres({ folder: dataFolder(), parameters: WITHOUT_FSYNC });
    try {
      expect(await queryValue(server.url, "select lower('ÀÉ') || current_setting('server_encoding')")).toBe(
        'àéUTF8',
      );
      expect(await queryValue(server.url, "select current_setting('listen_addresses')")).toBe('127.0.0.1');
      await expect(queryValue(server.url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toThrow(
        'authentication',
      );
      expect((await stat(path.join(dataFolder(), 'password'))).mode & 0o777).toBe(0o600);
      await expect(stat(path.join(dataFolder(), 'unfinished-1'))).rejects.toThrow('ENOENT');
    } finally {
      await server.stop();
    }
  });

  it('keeps settings and secrets out of the environment of the server', async () => {
    vi.stubEnv('AUTH_SECRET', 'a-secret-of-the-test');
    vi.stubEnv('SOME_TOKEN', 'a-secret-of-the-test');
    vi.stubEnv('NODE_AUTH_TOKEN', 'a-secret-of-the-test');
    const server = await startEmbeddedPostgres({ folder: dataFolder(), parameters: WITHOUT_FSYNC });
    try {
      const environment = await readFile(`/proc/${server.pid}/environ`, 'utf8');
      expect(environment).toContain('PATH=');
      expect(environment).not.toContain('a-secret-of-the-test');
      expect(environment).not.toMatch(/(^|\0)(AUTH_SECRET|DATABASE_URL|STAGEDOOR_DATA)=/);
    } finally {
      await server.stop();
    }
  });

  it('keeps committed data after the server was killed', async () => {
    const first = await startEmbeddedPostgres({ folder: dataFolder() });
    await queryValue(first.url, 'create table kept as select 42 as answer');
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    const second = await startEmbeddedPostgres({ folder: dataFolder() });
    expect(await queryValue(second.url, 'select answer from kept')).toBe(42);
    await second.stop();
  });

  it('stops an orphaned server before it starts another', async () => {
    const orphan = await startEmbeddedPostgres({ folder: dataFolder(), parameters: WITHOUT_FSYNC });
    const server = await startEmbeddedPostgres({ folder: dataFolder(), parameters: WITHOUT_FSYNC });
    await orphan.exited;
    expect(server.pid).not.toBe(orphan.pid);
    await server.stop();
  });
});

it.runIf(IS_ROOT)('starts for root in a folder that no other user can enter', async () => {
  const closedFolder = path.join(folder, 'closed');
  await mkdir(closedFolder, { mode: 0o700 });
  await startAndStop(path.join(closedFolder, 'data'));
  await startAndStop(path.join(closedFolder, 'data'));
  expect((await stat(path.join(closedFolder, 'data/cluster'))).uid).not.toBe(0);
  expect((await stat(closedFolder)).mode & 0o777).toBe(0o700);
});

it.runIf(IS_ROOT)(
  'creates a cluster for root with executables in a folder that no other user can enter',
  async () => {
    const closedFolder = path.join(folder, 'closed-programs');
    await mkdir(closedFolder, { mode: 0o700 });
    const { initdb } = await findPostgresBinaries();
    await cp(path.dirname(path.dirname(initdb)), path.join(closedFolder, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    const postgres = path.join(closedFolder, 'native/bin/postgres');
    const binaries = {
      initdb: path.join(closedFolder, 'native/bin/initdb'),
      postgres,
      share: path.join(closedFolder, 'native/share/postgresql'),
    };
    const account = choosePostgresAccount([postgres, closedFolder], path.join(closedFolder, 'cluster'));
    await createCluster(closedFolder, binaries, account, { sync: false });
    expect(hasCluster(closedFolder)).toBe(true);
  },
);

it.runIf(IS_ROOT)('starts for an ordinary user, and for root on the same folder', async () => {
  const home = path.join(folder, 'nobody');
  await mkdir(home);
  await chmod(folder, 0o711);
  await chown(home, NOBODY_UID, NOBODY_UID);
  const dataFolder = path.join(home, 'data');
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(path.join(import.meta.dirname, 'embedded-postgres.ts'))});
    const server = await startEmbeddedPostgres({ folder: ${JSON.stringify(dataFolder)}, parameters: { fsync: 'off' } });
    await server.stop();`;
  const setprivArgs = [
    '--reuid',
    `${NOBODY_UID}`,
    '--regid',
    `${NOBODY_UID}`,
    '--clear-groups',
    process.execPath,
  ];
  await runProgram('setpriv', [...setprivArgs, '--input-type=module', '--eval', script]);
  expect((await stat(path.join(dataFolder, 'cluster'))).uid).toBe(NOBODY_UID);
  await startAndStop(dataFolder);
  expect((await stat(path.join(dataFolder, 'cluster/PG_VERSION'))).uid).toBe(NOBODY_UID);
  expect(await readFile(path.join(dataFolder, 'password'), 'utf8')).toMatch(/^[\w-]{32}$/);
});
