import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findFreePort } from '#db/processes.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { ROOT } from '#lib/testing/stagedoor-process.ts';
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
  port = await findFreePort();
  web = fork(path.join(programsFolder(ROOT), 'web.mjs'), [], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      STAGEDOOR_SERVICE: 'web',
      STAGEDOOR_DATA: folder,
      DATABASE_URL: database.url,
      PORT: String(port),
    },
  });
  exited = once(web, 'exit');
  const [message] = await once(web, 'message');
  expect(message).toEqual({ ready: true });
  // Next.js installs its own upgrade handler at the first request.
  expect((await fetch(`http://127.0.0.1:${port}/sign-in`)).status).toBe(200);
}, 300_000);

afterAll(async () => {
  web.kill('SIGKILL');
  await exited;
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

/** Opens a connection and sends bytes. The connection stays open, even if the server ends it. */
async function openConnection(bytes: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(bytes);
  return socket;
}

const countOpenDescriptors = () => readdirSync(`/proc/${web.pid}/fd`).length;

describe('web', () => {
  it.each(['/x', '/sign-in', '/healthz'])(
    'responds to an upgrade request for %s with plain HTTP and the security headers, and closes the connection',
    async (target) => {
      const response = await text(await openConnection(UPGRADE.replace('/x', target)));
      expect(response).toMatch(/^HTTP\/1\.1 (200|404) /);
      expect(response).toMatch(/^Connection: close\r$/im);
      expect(response).toContain("frame-ancestors 'none'");
    },
  );

  it('leaks no descriptors after 300 upgrades whose clients disconnect immediately', async () => {
    const before = countOpenDescriptors();
    await Promise.all(
      Array.from({ length: 300 }, async () => {
        const socket = await openConnection('');
        await new Promise<unknown>((resolve) => socket.write(UPGRADE, resolve));
        socket.destroy();
      }),
    );
    await expect.poll(countOpenDescriptors, { timeout: 20_000 }).toBeLessThan(before + 20);
  });

  it('stops in time while clients keep upgraded and rejected connections open', async () => {
    const sockets = await Promise.all([UPGRADE, UPGRADE, 'NONSENSE\r\n\r\n'].map(openConnection));
    await Promise.all(sockets.map((socket) => once(socket, 'data')));
    const stoppedAt = performance.now();
    web.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    expect(performance.now() - stoppedAt).toBeLessThan(5_000);
    for (const socket of sockets) socket.destroy();
  });
});
