import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createTestDatabase } from '#db/test-database.ts';
import { build } from './checkout.ts';
import { freePort } from './ports.ts';
import { processesOf, ROOT, Starter } from './test-starter.ts';

/** What `postgres` writes into pg_control, at byte 16, when it was shut down cleanly. */
const SHUT_DOWN = 1;

vi.setConfig({ testTimeout: 90_000 });

let folder: string;
let environment: { PORT: string; VERIFIER_PORT: string; STAGEDOOR_DATA: string };
let starters: Starter[];

function start(more: Record<string, string> = {}, args: string[] = []): Starter {
  const starter = new Starter({ ...environment, ...more }, args);
  starters.push(starter);
  return starter;
}

async function clusterState(): Promise<number> {
  const control = await readFile(path.join(folder, 'postgres/cluster/global/pg_control'));
  return control.readUInt32LE(16);
}

const statusOf = async (url: string) => (await fetch(url, { redirect: 'manual' })).status;
const parts = async (): Promise<number[]> =>
  JSON.parse(await readFile(path.join(folder, 'processes.json'), 'utf8')).services;

beforeAll(() => build(ROOT), 300_000);

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-start-'));
  starters = [];
  environment = {
    PORT: String(await freePort()),
    VERIFIER_PORT: String(await freePort()),
    STAGEDOOR_DATA: folder,
  };
});

afterEach(async () => {
  await Promise.all(starters.map((starter) => starter.stop('SIGTERM')));
  await rm(folder, { recursive: true, force: true });
});

test('a start serves, Ctrl-C (pressed twice) leaves nothing behind, and the next start finds the data', async () => {
  const first = start();
  await first.running();
  expect(first.output).toMatch(/Sign in with admin@example\.com and the password \S{12,}/);
  expect(await statusOf(`http://localhost:${environment.PORT}/settings/users/api-accounts`)).toBe(307);
  expect(await statusOf(`http://127.0.0.1:${environment.VERIFIER_PORT}/verify`)).toBe(401);

  first.child.kill('SIGINT');
  expect(await first.stop('SIGINT')).toBe(0);
  expect(processesOf(folder)).toEqual([]);
  expect(await clusterState()).toBe(SHUT_DOWN);

  expect(first.output).not.toContain('Warning');

  const second = start({ TRUSTED_PROXIES: '1' });
  await second.running();
  expect(second.output).toContain('Warning: TRUSTED_PROXIES is 1, and messages go to the outbox');
  expect(second.output).toContain('Sign in with the email address and password of an administrator');
  expect(second.output).not.toContain('Building');
  expect(await second.stop('SIGTERM')).toBe(0);
});

test('killed, it leaves nothing that keeps it from starting again; a part that is killed is started anew', async () => {
  const first = start();
  await first.running();
  await first.stop('SIGKILL');
  const second = start();
  await second.running();

  const before = await parts();
  process.kill(before[0] ?? 0, 'SIGKILL');
  await expect.poll(async () => (await parts()).length, { timeout: 10_000 }).toBe(3);
  await expect.poll(async () => (await parts()).includes(before[0] ?? 0), { timeout: 10_000 }).toBe(false);
  expect(await second.stop()).toBe(0);
  expect(processesOf(folder)).toEqual([]);
  expect(await clusterState()).toBe(SHUT_DOWN);
});

test('a data folder in use: one sentence', async () => {
  const first = start();
  await first.running();
  const second = start({ PORT: String(await freePort()), VERIFIER_PORT: String(await freePort()) });
  expect(await second.ended).toBe(1);
  expect(second.output.trim()).toBe(
    `The data folder ${folder} is in use by another Stagedoor (process ${first.child.pid}): stop that one, or choose another folder with STAGEDOOR_DATA.`,
  );
});

test('a port in use: a sentence for each, and no database was started', async () => {
  const blocker = createServer().listen(Number(environment.VERIFIER_PORT), '127.0.0.1');
  try {
    const starter = start();
    expect(await starter.ended).toBe(1);
    expect(starter.output.trim()).toBe(
      `Port ${environment.VERIFIER_PORT} is in use by another program: stop that one, or choose another port with VERIFIER_PORT.`,
    );
    expect(processesOf(folder)).toEqual([]);
  } finally {
    blocker.close();
  }
});

test('malformed settings: all of them, by name', async () => {
  const starter = start({ PORT: 'many', PUBLIC_URL: 'ftp://x', API_KEY_TAG: 'no' });
  expect(await starter.ended).toBe(1);
  for (const name of ['PORT', 'PUBLIC_URL', 'API_KEY_TAG'])
    expect(starter.output).toContain(`  ${name} must`);
});

test('a database that cannot be reached: one sentence, without its password', async () => {
  const port = await freePort();
  const begun = performance.now();
  const starter = start({ DATABASE_URL: `postgresql://someone:hunter22@127.0.0.1:${port}/theirs` }, [
    'verifier',
  ]);
  expect(await starter.ended).toBe(1);
  expect(performance.now() - begun).toBeLessThan(8_000);
  expect(starter.output).toContain(`The database theirs at 127.0.0.1:${port} cannot be reached (`);
  expect(starter.output).not.toContain('hunter22');
});

test.each(['web', 'verifier', 'worker'])('the %s alone wants a database of one’s own', async (part) => {
  const starter = start({}, [part]);
  expect(await starter.ended).toBe(1);
  expect(starter.output).toContain('DATABASE_URL is missing');
});

test('the verifier alone serves against DATABASE_URL, and leaves the data folder alone', async () => {
  const database = await createTestDatabase();
  try {
    const starter = start({ DATABASE_URL: database.url }, ['verifier']);
    await starter.running();
    expect(await statusOf(`http://127.0.0.1:${environment.VERIFIER_PORT}/verify`)).toBe(401);
    expect(await starter.stop('SIGTERM')).toBe(0);
    await expect(readFile(path.join(folder, 'auth-secret'))).rejects.toThrow('ENOENT');
  } finally {
    await database.drop();
  }
});
