import { execFile } from 'node:child_process';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  choosePostgresAccount,
  createCluster,
  findPostgresBinaries,
  hasCluster,
  startEmbeddedPostgres,
} from './embedded-postgres.ts';

const NOBODY = 65_534;
const IS_ROOT = process.getuid?.() === 0;
const run = promisify(execFile);
const UNSYNCED = { fsync: 'off' };

vi.setConfig({ testTimeout: 60_000 });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-postgres-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function ask(url: string, statement: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: statement, rowMode: 'array' })).rows[0]?.[0];
  } finally {
    await client.end();
  }
}

async function startAndStop(place: string): Promise<void> {
  const server = await startEmbeddedPostgres({ folder: place, parameters: UNSYNCED });
  await server.stop();
}

describe('a data folder', () => {
  const place = () => path.join(folder, 'data');

  it('gets a new cluster in place of an unfinished one: Unicode, a password, this machine alone', async () => {
    await mkdir(path.join(place(), 'unfinished-1/cluster'), { recursive: true });
    const server = await startEmbeddedPostgres({ folder: place(), parameters: UNSYNCED });
    try {
      expect(await ask(server.url, "select lower('ÀÉ') || current_setting('server_encoding')")).toBe(
        'àéUTF8',
      );
      expect(await ask(server.url, "select current_setting('listen_addresses')")).toBe('127.0.0.1');
      await expect(ask(server.url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toThrow(
        'authentication',
      );
      expect((await stat(path.join(place(), 'password'))).mode & 0o777).toBe(0o600);
      await expect(stat(path.join(place(), 'unfinished-1'))).rejects.toThrow('ENOENT');
    } finally {
      await server.stop();
    }
  });

  it('keeps what was committed before its server was killed', async () => {
    const first = await startEmbeddedPostgres({ folder: place() });
    await ask(first.url, 'create table kept as select 42 as answer');
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    const second = await startEmbeddedPostgres({ folder: place() });
    expect(await ask(second.url, 'select answer from kept')).toBe(42);
    await second.stop();
  });

  it('stops a server that was left behind before it starts another', async () => {
    const orphan = await startEmbeddedPostgres({ folder: place(), parameters: UNSYNCED });
    const server = await startEmbeddedPostgres({ folder: place(), parameters: UNSYNCED });
    await orphan.exited;
    expect(server.pid).not.toBe(orphan.pid);
    await server.stop();
  });
});

it.runIf(IS_ROOT)('starts under root in a folder that no other user can enter', async () => {
  const closed = path.join(folder, 'closed');
  await mkdir(closed, { mode: 0o700 });
  await startAndStop(path.join(closed, 'data'));
  await startAndStop(path.join(closed, 'data'));
  expect((await stat(path.join(closed, 'data/cluster'))).uid).not.toBe(0);
  expect((await stat(closed)).mode & 0o777).toBe(0o700);
});

it.runIf(IS_ROOT)(
  'creates a cluster under root with programs in a folder that no other user can enter',
  async () => {
    const closed = path.join(folder, 'closed-programs');
    await mkdir(closed, { mode: 0o700 });
    const { initdb } = await findPostgresBinaries();
    await cp(path.dirname(path.dirname(initdb)), path.join(closed, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    const postgres = path.join(closed, 'native/bin/postgres');
    const binaries = {
      initdb: path.join(closed, 'native/bin/initdb'),
      postgres,
      share: path.join(closed, 'native/share/postgresql'),
    };
    const account = choosePostgresAccount([postgres, closed], path.join(closed, 'cluster'));
    await createCluster(closed, binaries, account, { sync: false });
    expect(hasCluster(closed)).toBe(true);
  },
);

it.runIf(IS_ROOT)('starts for an ordinary user, and for root on the same folder', async () => {
  const home = path.join(folder, 'nobody');
  await mkdir(home);
  await chmod(folder, 0o711);
  await chown(home, NOBODY, NOBODY);
  const place = path.join(home, 'data');
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(path.join(import.meta.dirname, 'embedded-postgres.ts'))});
    const server = await startEmbeddedPostgres({ folder: ${JSON.stringify(place)}, parameters: { fsync: 'off' } });
    await server.stop();`;
  const asNobody = ['--reuid', `${NOBODY}`, '--regid', `${NOBODY}`, '--clear-groups', process.execPath];
  await run('setpriv', [...asNobody, '--input-type=module', '--eval', script]);
  expect((await stat(path.join(place, 'cluster'))).uid).toBe(NOBODY);
  await startAndStop(place);
  expect((await stat(path.join(place, 'cluster/PG_VERSION'))).uid).toBe(NOBODY);
  expect(await readFile(path.join(place, 'password'), 'utf8')).toMatch(/^[\w-]{32}$/);
});
