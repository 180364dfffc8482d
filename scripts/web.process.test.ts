import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '#db/processes.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { ROOT } from '#lib/testing/starter.ts';
import { build, programsFolder } from './checkout.ts';

vi.setConfig({ testTimeout: 60_000 });

const UPGRADE = 'GET /x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';

let database: TestDatabase;
let folder: string;
let port: number;
let web: ChildProcess;
let exited: Promise<unknown[]>;

beforeAll(async () => {
  await build(ROOT);
  database = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-web-'));
  port = await freePort();
  web = fork(path.join(programsFolder(ROOT), 'web.mjs'), [], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      STAGEDOOR_PART: 'web',
      STAGEDOOR_DATA: folder,
      DATABASE_URL: database.url,
      PORT: String(port),
    },
  });
  exited = once(web, 'exit');
  const [message] = await once(web, 'message');
  expect(message).toEqual({ ready: true });
  // Next.js sets up its own handling of upgrades at the first request.
  expect((await fetch(`http://127.0.0.1:${port}/sign-in`)).status).toBe(200);
}, 300_000);

afterAll(async () => {
  web.kill('SIGKILL');
  await exited;
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

/** Opens a connection, sends bytes on it, and keeps it open whatever the server does. */
async function hold(bytes: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(bytes);
  return socket;
}

const openDescriptors = () => readdirSync(`/proc/${web.pid}/fd`).length;

describe('the web process', () => {
  it.each(['/x', '/sign-in', '/healthz'])('answers an upgrade of %s as HTTP and closes', async (target) => {
    const response = await text(await hold(UPGRADE.replace('/x', target)));
    expect(response).toMatch(/^HTTP\/1\.1 (200|404) /);
    expect(response).toMatch(/^Connection: close\r$/im);
    expect(response).toContain("frame-ancestors 'none'");
  });

  it('keeps no descriptor of 300 upgrades whose clients hang up at once', async () => {
    const before = openDescriptors();
    await Promise.all(
      Array.from({ length: 300 }, async () => {
        const socket = await hold('');
        await new Promise<unknown>((resolve) => socket.write(UPGRADE, resolve));
        socket.destroy();
      }),
    );
    await expect.poll(openDescriptors, { timeout: 20_000 }).toBeLessThan(before + 20);
  });

  it('stops in time while clients hold upgraded and refused connections', async () => {
    const held = await Promise.all([UPGRADE, UPGRADE, 'NONSENSE\r\n\r\n'].map(hold));
    await Promise.all(held.map((socket) => once(socket, 'data')));
    const begun = performance.now();
    web.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    expect(performance.now() - begun).toBeLessThan(5_000);
    for (const socket of held) socket.destroy();
  });
});
