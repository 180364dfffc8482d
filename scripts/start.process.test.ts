import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '#db/processes.ts';
import { createTestDatabase } from '#db/test-database.ts';
import { itInSoak } from '#lib/testing/it-in-soak.ts';
import { atScale } from '#lib/testing/scale.ts';
import { listCommandLines, ROOT, StagedoorProcess } from '#lib/testing/stagedoor-process.ts';
import { build } from './checkout.ts';

/** `DB_SHUTDOWNED`, which PostgreSQL writes to byte 16 of pg_control at a clean shutdown. */
const SHUT_DOWN = 1;

let folder: string;
let environment: Record<'PORT' | 'VERIFIER_PORT' | 'VERIFIER_WORKERS' | 'STAGEDOOR_DATA', string>;
const processes: StagedoorProcess[] = [];
let sharedProcess: StagedoorProcess | undefined;

function start(overrides: Record<string, string> = {}, args: string[] = []): StagedoorProcess {
  const stagedoor = new StagedoorProcess({ ...environment, ...overrides }, args);
  processes.push(stagedoor);
  return stagedoor;
}

/** Returns the Stagedoor that the tests share. Starts it if it does not run, on the same data folder each time. */
async function startShared(overrides: Record<string, string> = {}): Promise<StagedoorProcess> {
  sharedProcess ??= start(overrides);
  await sharedProcess.waitUntilRunning();
  return sharedProcess;
}

async function stopShared(signal: NodeJS.Signals): Promise<number | null | undefined> {
  const code = await sharedProcess?.stop(signal);
  sharedProcess = undefined;
  return code;
}

/** Expects that a start with its own data folder fails and leaves no process. Returns the output. */
async function failToStart(overrides: Record<string, string>, args: string[] = []): Promise<string> {
  const data = await mkdtemp(path.join(tmpdir(), 'stagedoor-refused-'));
  try {
    const stagedoor = start({ STAGEDOOR_DATA: data, ...overrides }, args);
    expect(await stagedoor.exitCode).toBe(1);
    expect(listCommandLines(data)).toEqual([]);
    return stagedoor.output.trim();
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

async function readClusterState(): Promise<number> {
  const control = await readFile(path.join(folder, 'postgres/cluster/global/pg_control'));
  return control.readUInt32LE(16);
}

async function getPort(server: Server | undefined): Promise<number> {
  if (!server) throw new Error('no server');
  if (!server.listening) await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const getStatus = async (url: string) => (await fetch(url, { redirect: 'manual' })).status;
const readServicePids = async (): Promise<number[]> =>
  JSON.parse(await readFile(path.join(folder, 'processes.json'), 'utf8')).services;

// `npm test` has built everything; this is for running this file alone.
beforeAll(() => build(ROOT), 300_000);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-start-'));
  environment = {
    PORT: String(await findFreePort()),
    VERIFIER_PORT: String(await findFreePort()),
    // More processes that must all end.
    VERIFIER_WORKERS: '2',
    STAGEDOOR_DATA: folder,
  };
});

afterAll(async () => {
  await Promise.all(processes.map((stagedoor) => stagedoor.stop('SIGTERM')));
  await rm(folder, { recursive: true, force: true });
});

describe('npm start', () => {
  it('starts all services and prints the first administrator’s password', async () => {
    const first = await startShared();
    expect(first.output).toMatch(/Sign in with admin@example\.com and the password \S{12,}/);
    expect(first.output).not.toContain('Warning');
    expect(await getStatus(`http://localhost:${environment.PORT}/settings/users/api-accounts`)).toBe(307);
    expect(await getStatus(`http://127.0.0.1:${environment.VERIFIER_PORT}/verify`)).toBe(401);
  });

  it('refuses to start twice on the same data folder', async () => {
    const first = await startShared();
    const ports = { PORT: String(await findFreePort()), VERIFIER_PORT: String(await findFreePort()) };
    const second = start(ports);
    expect(await second.exitCode).toBe(1);
    expect(second.output.trim()).toBe(
      `The data folder ${folder} is in use by another Stagedoor (process ${first.child.pid}). Stop it, or set STAGEDOOR_DATA to another folder.`,
    );
  });

  it('restarts a service that is killed', async () => {
    await startShared();
    const before = await readServicePids();
    expect(before).toHaveLength(3);
    process.kill(before[0] ?? 0, 'SIGKILL');
    await expect
      .poll(async () => (await readServicePids()).filter((pid) => pid !== before[0]), { timeout: 20_000 })
      .toHaveLength(3);
  });

  it('stops cleanly on Ctrl-C, even if it is pressed twice', async () => {
    const first = await startShared();
    first.child.kill('SIGINT');
    expect(await stopShared('SIGINT')).toBe(0);
    expect(listCommandLines(folder)).toEqual([]);
    expect(await readClusterState()).toBe(SHUT_DOWN);
  });

  it('keeps its data, skips the build and warns about a publicly reachable outbox at the next start', async () => {
    const second = await startShared({ TRUSTED_PROXIES: '1' });
    expect(second.output).toContain('Warning: TRUSTED_PROXIES is 1, and messages go to the outbox');
    expect(second.output).toContain('Sign in with the email address and password of an administrator');
    expect(second.output).not.toContain('Building');
  });

  itInSoak('starts after it was killed', async () => {
    await startShared();
    await stopShared('SIGKILL');
    await startShared();
  });

  it('stops on SIGTERM', async () => {
    await startShared();
    expect(await stopShared('SIGTERM')).toBe(0);
    expect(listCommandLines(folder)).toEqual([]);
    expect(await readClusterState()).toBe(SHUT_DOWN);
  });
});

describe('npm start that fails', () => {
  it('names the setting for each port that is in use', async () => {
    const [web, verifier] = [createServer(), createServer()].map((server) => server.listen(0, '127.0.0.1'));
    try {
      const [port, verifierPort] = await Promise.all([web, verifier].map(getPort));
      const output = await failToStart({ PORT: String(port), VERIFIER_PORT: String(verifierPort) });
      expect(output).toBe(
        [
          `Port ${port} is already in use. Stop the program that uses it, or set PORT to another port.`,
          `Port ${verifierPort} is already in use. Stop the program that uses it, or set VERIFIER_PORT to another port.`,
        ].join('\n'),
      );
    } finally {
      web?.close();
      verifier?.close();
    }
  });

  it('names every malformed setting', async () => {
    const output = await failToStart({ PORT: 'many', PUBLIC_URL: 'ftp://x', API_KEY_TAG: 'no' });
    for (const name of ['PORT', 'PUBLIC_URL', 'API_KEY_TAG']) expect(output).toContain(`  ${name} must`);
  });

  it('reports an unreachable database without showing its password', async () => {
    const port = await findFreePort();
    const url = `postgresql://someone:hunter22@127.0.0.1:${port}/theirs`;
    const output = await failToStart({ DATABASE_URL: url }, ['verifier']);
    expect(output).toContain(`The database theirs at 127.0.0.1:${port} cannot be reached (`);
    expect(output).not.toContain('hunter22');
  });

  itInSoak('names the setting because of which the verifier cannot look up keys', async () => {
    const database = await createTestDatabase();
    try {
      const port = await findFreePort();
      const overrides = {
        DATABASE_URL: database.url,
        VERIFIER_DATABASE_URL: `postgresql://someone:hunter22@127.0.0.1:${port}/theirs`,
      };
      const output = await failToStart(overrides, ['verifier']);
      expect(output).toContain(
        `The verifier started, but can't look up keys. The database theirs at 127.0.0.1:${port} cannot be reached (ECONNREFUSED)`,
      );
      expect(output).toContain('Check host and port in VERIFIER_DATABASE_URL');
      expect(output).not.toContain('Stagedoor is running');
      expect(output).not.toContain('hunter22');
    } finally {
      await database.drop();
    }
  });

  it.each(atScale({ normal: ['verifier'], soak: ['web', 'verifier', 'worker'] }))(
    'requires DATABASE_URL to start only the %s',
    async (service) => {
      expect(await failToStart({}, [service])).toContain('DATABASE_URL is missing');
    },
  );
});

itInSoak(
  'npm run start:verifier starts only the verifier with DATABASE_URL, without generating an AUTH_SECRET',
  async () => {
    const database = await createTestDatabase();
    const data = await mkdtemp(path.join(tmpdir(), 'stagedoor-verifier-'));
    try {
      const port = String(await findFreePort());
      const overrides = { DATABASE_URL: database.url, STAGEDOOR_DATA: data, VERIFIER_PORT: port };
      const stagedoor = start(overrides, ['verifier']);
      await stagedoor.waitUntilRunning();
      expect(await getStatus(`http://127.0.0.1:${port}/verify`)).toBe(401);
      // The pool and its two workers.
      expect(listCommandLines(data).filter((line) => line.includes('verifier.mjs'))).toHaveLength(3);
      expect(await stagedoor.stop('SIGTERM')).toBe(0);
      expect(listCommandLines(data)).toEqual([]);
      await expect(readFile(path.join(data, 'auth-secret'))).rejects.toThrow('ENOENT');
    } finally {
      await database.drop();
      await rm(data, { recursive: true, force: true });
    }
  },
);
