import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '#db/processes.ts';
import { createTestDatabase } from '#db/test-database.ts';
import { processesOf, ROOT, Starter } from '#lib/testing/starter.ts';
import { build } from './checkout.ts';

/** What `postgres` writes into pg_control, at byte 16, when it was shut down cleanly. */
const SHUT_DOWN = 1;

vi.setConfig({ testTimeout: 90_000 });

let folder: string;
let environment: { PORT: string; VERIFIER_PORT: string; STAGEDOOR_DATA: string };
const starters: Starter[] = [];
let shared: Starter | undefined;

function start(more: Record<string, string> = {}, args: string[] = []): Starter {
  const starter = new Starter({ ...environment, ...more }, args);
  starters.push(starter);
  return starter;
}

/** The Stagedoor that tests share: started if none runs, on the same data folder each time. */
async function running(more: Record<string, string> = {}): Promise<Starter> {
  shared ??= start(more);
  await shared.running();
  return shared;
}

async function stopShared(signal: NodeJS.Signals): Promise<number | null | undefined> {
  const code = await shared?.stop(signal);
  shared = undefined;
  return code;
}

/** Starts with a mistake, on a folder of its own, and returns what it says. Nothing is left of it. */
async function refusal(more: Record<string, string>, args: string[] = []): Promise<string> {
  const data = await mkdtemp(path.join(tmpdir(), 'stagedoor-refused-'));
  try {
    const starter = start({ STAGEDOOR_DATA: data, ...more }, args);
    expect(await starter.ended).toBe(1);
    expect(processesOf(data)).toEqual([]);
    return starter.output.trim();
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

async function clusterState(): Promise<number> {
  const control = await readFile(path.join(folder, 'postgres/cluster/global/pg_control'));
  return control.readUInt32LE(16);
}

async function portOf(server: Server | undefined): Promise<number> {
  if (!server) throw new Error('no server');
  if (!server.listening) await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const statusOf = async (url: string) => (await fetch(url, { redirect: 'manual' })).status;
const parts = async (): Promise<number[]> =>
  JSON.parse(await readFile(path.join(folder, 'processes.json'), 'utf8')).services;

// `npm test` builds before; if this file is run alone, this builds what is missing.
beforeAll(() => build(ROOT), 300_000);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-start-'));
  environment = {
    PORT: String(await freePort()),
    VERIFIER_PORT: String(await freePort()),
    STAGEDOOR_DATA: folder,
  };
});

afterAll(async () => {
  await Promise.all(starters.map((starter) => starter.stop('SIGTERM')));
  await rm(folder, { recursive: true, force: true });
});

describe('a whole Stagedoor', () => {
  it('serves, and prints the first administrator’s password', async () => {
    const first = await running();
    expect(first.output).toMatch(/Sign in with admin@example\.com and the password \S{12,}/);
    expect(first.output).not.toContain('Warning');
    expect(await statusOf(`http://localhost:${environment.PORT}/settings/users/api-accounts`)).toBe(307);
    expect(await statusOf(`http://127.0.0.1:${environment.VERIFIER_PORT}/verify`)).toBe(401);
  });

  it('refuses a second start on its data folder in one sentence', async () => {
    const first = await running();
    const ports = { PORT: String(await freePort()), VERIFIER_PORT: String(await freePort()) };
    const second = start(ports);
    expect(await second.ended).toBe(1);
    expect(second.output.trim()).toBe(
      `The data folder ${folder} is in use by another Stagedoor (process ${first.child.pid}): stop that one, or choose another folder with STAGEDOOR_DATA.`,
    );
  });

  it('restarts a service that is killed', async () => {
    await running();
    const before = await parts();
    expect(before).toHaveLength(3);
    process.kill(before[0] ?? 0, 'SIGKILL');
    await expect
      .poll(async () => (await parts()).filter((pid) => pid !== before[0]), { timeout: 20_000 })
      .toHaveLength(3);
  });

  it('leaves nothing behind after Ctrl-C, even if it is pressed twice', async () => {
    const first = await running();
    first.child.kill('SIGINT');
    expect(await stopShared('SIGINT')).toBe(0);
    expect(processesOf(folder)).toEqual([]);
    expect(await clusterState()).toBe(SHUT_DOWN);
  });

  it('finds its data at the next start, which builds nothing and warns of an outbox that others can reach', async () => {
    const again = await running({ TRUSTED_PROXIES: '1' });
    expect(again.output).toContain('Warning: TRUSTED_PROXIES is 1, and messages go to the outbox');
    expect(again.output).toContain('Sign in with the email address and password of an administrator');
    expect(again.output).not.toContain('Building');
  });

  it('starts again after it was killed, and stops on SIGTERM', async () => {
    await running();
    await stopShared('SIGKILL');
    await running();
    expect(await stopShared('SIGTERM')).toBe(0);
    expect(processesOf(folder)).toEqual([]);
    expect(await clusterState()).toBe(SHUT_DOWN);
  });
});

describe('a refused start', () => {
  it('names the setting of each port that is in use', async () => {
    const [web, verifier] = [createServer(), createServer()].map((server) => server.listen(0, '127.0.0.1'));
    try {
      const [port, verifierPort] = await Promise.all([web, verifier].map(portOf));
      const said = await refusal({ PORT: String(port), VERIFIER_PORT: String(verifierPort) });
      expect(said).toBe(
        [
          `Port ${port} is in use by another program: stop that one, or choose another port with PORT.`,
          `Port ${verifierPort} is in use by another program: stop that one, or choose another port with VERIFIER_PORT.`,
        ].join('\n'),
      );
    } finally {
      web?.close();
      verifier?.close();
    }
  });

  it('names every malformed setting', async () => {
    const said = await refusal({ PORT: 'many', PUBLIC_URL: 'ftp://x', API_KEY_TAG: 'no' });
    for (const name of ['PORT', 'PUBLIC_URL', 'API_KEY_TAG']) expect(said).toContain(`  ${name} must`);
  });

  it('says that the database cannot be reached, without its password', async () => {
    const port = await freePort();
    const url = `postgresql://someone:hunter22@127.0.0.1:${port}/theirs`;
    const said = await refusal({ DATABASE_URL: url }, ['verifier']);
    expect(said).toContain(`The database theirs at 127.0.0.1:${port} cannot be reached (`);
    expect(said).not.toContain('hunter22');
  });

  it.each(['web', 'verifier', 'worker'])('asks for DATABASE_URL for the %s alone', async (part) => {
    expect(await refusal({}, [part])).toContain('DATABASE_URL is missing');
  });
});

it('starts the verifier alone against DATABASE_URL, and leaves the data folder alone', async () => {
  const database = await createTestDatabase();
  const data = await mkdtemp(path.join(tmpdir(), 'stagedoor-verifier-'));
  try {
    const port = String(await freePort());
    const more = { DATABASE_URL: database.url, STAGEDOOR_DATA: data, VERIFIER_PORT: port };
    const starter = start(more, ['verifier']);
    await starter.running();
    expect(await statusOf(`http://127.0.0.1:${port}/verify`)).toBe(401);
    expect(await starter.stop('SIGTERM')).toBe(0);
    await expect(readFile(path.join(data, 'auth-secret'))).rejects.toThrow('ENOENT');
  } finally {
    await database.drop();
    await rm(data, { recursive: true, force: true });
  }
});
