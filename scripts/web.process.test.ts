import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '#db/processes.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { createFirstAdministrator } from '#lib/identity/users/first-administrator.ts';
import { createTestAccount, createTestAdministrator } from '#lib/testing/accounts.ts';
import { itInSoak } from '#lib/testing/it-in-soak.ts';
import { sampleAtScale } from '#lib/testing/sample.ts';
import { atScale } from '#lib/testing/scale.ts';
import { createSessionCookie } from '#lib/testing/session-cookie.ts';
import { ROOT } from '#lib/testing/stagedoor-process.ts';
import { build, programsFolder } from './checkout.ts';

const FIRST_ADMIN_EMAIL = 'admin@example.com';
const UPGRADE = 'GET /x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';

let database: TestDatabase;
let folder: string;
let port: number;
let web: ChildProcess;
let exited: Promise<unknown[]>;
/** What web has written to standard error. */
let logged = '';

beforeAll(async () => {
  await build(ROOT);
  database = await createTestDatabase();
  await createFirstAdministrator(database.database, {
    email: FIRST_ADMIN_EMAIL,
    password: 'a password for the first administrator',
  });
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-web-'));
  port = await findFreePort();
  web = fork(path.join(programsFolder(ROOT), 'web.mjs'), [], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      STAGEDOOR_SERVICE: 'web',
      STAGEDOOR_DATA: folder,
      DATABASE_URL: database.url,
      PORT: String(port),
      TRUSTED_PROXIES: '1',
      FIRST_ADMIN_EMAIL,
      STAGEDOOR_FIRST_PASSWORD_GIVEN: '1',
    },
  });
  web.stderr?.setEncoding('utf8').on('data', (chunk) => {
    logged += chunk;
  });
  exited = once(web, 'exit');
  const [message] = await once(web, 'message');
  expect(message, logged).toEqual({ ready: true });
  // Next.js installs its own upgrade handler at the first request.
  expect((await fetch(`http://127.0.0.1:${port}/sign-in`)).status).toBe(200);
});

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

type SentRequest = { method?: string; path: string; headers?: Record<string, string>; body?: string };

type ReceivedResponse = { status: number; location: string | undefined; body: string };

/** Sends a request unchanged on a connection of its own: `fetch` would correct it, and share connections. */
function send({ body, ...options }: SentRequest): Promise<ReceivedResponse> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, agent: false, ...options }, async (response) => {
      const { statusCode: status = 0, headers } = response;
      resolve({ status, location: headers.location, body: await text(response) });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Sends a request, and again to where Next.js redirects it: to the URL with a digest of its headers. */
async function sendAndFollow(sent: SentRequest): Promise<ReceivedResponse> {
  const response = await send(sent);
  const target = response.location && URL.parse(response.location, 'http://x');
  return target ? send({ ...sent, path: target.pathname + target.search }) : response;
}

/** Builds a call of a server action, as the page that has it sends it. */
async function buildActionCall(name: string, input: unknown): Promise<Required<SentRequest>> {
  const manifest = await readFile(path.join(ROOT, '.next/server/server-reference-manifest.json'), 'utf8');
  const actions = (JSON.parse(manifest) as { node: Record<string, ManifestEntry> }).node;
  const [id, action] = Object.entries(actions).find(([, { exportedName }]) => exportedName === name) ?? [];
  if (!id || !action) throw new Error(`no action ${name}`);
  // A sheet (`@sheet`) has no path of its own.
  const page = Object.keys(action.workers).find((worker) => !worker.includes('/@'));
  const body = JSON.stringify([input]);
  const pagePath = `/${page?.replace(/^app\/|\/?page$/g, '').replace('[id]', 'x')}`;
  return { method: 'POST', path: pagePath, body, headers: { ...ACTION_HEADERS, 'next-action': id } };
}

type ManifestEntry = { exportedName?: string; workers: Record<string, unknown> };

const ACTION_HEADERS = {
  'content-type': 'text/plain;charset=UTF-8',
  'sec-fetch-site': 'same-origin',
};

/** Counts web's queries that wait for a lock. */
async function countWaitingQueries(): Promise<number> {
  const { rows } = await database.pool.query<{ waiting: number }>(
    "select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return rows[0]?.waiting ?? 0;
}

const CONTENT = 'hunter2';
const BROKEN_STATES = [
  '%',
  '[',
  '%5B%5D',
  `%22${CONTENT}%22`,
  '%5B%22%22%5D',
  '[1,2,3]',
  'null',
  '[['.repeat(900),
];
const MALFORMED_HEADERS: Record<string, string>[] = [
  ...BROKEN_STATES.map((state) => ({ rsc: '1', 'next-router-state-tree': state })),
  ...['%', `/${CONTENT}`, '//', '/(.)x'].map((url) => ({ rsc: '1', 'next-url': url })),
  ...['/_tree', `/${CONTENT}`, '%', '__PAGE__'].flatMap((segment) =>
    ['1', '2', '3', 'x'].map((prefetch) => ({
      rsc: '1',
      'next-router-prefetch': prefetch,
      'next-router-segment-prefetch': segment,
    })),
  ),
  { 'next-action': CONTENT },
  { ...ACTION_HEADERS, 'next-action': '0'.repeat(42) },
  { ...ACTION_HEADERS, 'next-action': 'f'.repeat(42), 'x-action-forwarded': '1' },
  { 'x-nextjs-data': '1', 'x-matched-path': '/%', 'x-now-route-matches': '1=%' },
  { 'x-invoke-path': '/%', 'x-invoke-status': '500', 'x-invoke-output': '/x', 'x-invoke-query': '%' },
  { 'next-resume': '1', 'x-next-resume-state-length': '99' },
  { 'x-prerender-revalidate': CONTENT, 'x-nextjs-postponed': '1', 'next-hmr-refresh': '1' },
  { 'x-nextjs-request-id': CONTENT, 'x-nextjs-html-request-id': CONTENT },
  { 'x-forwarded-proto': '://', 'x-forwarded-port': CONTENT, 'x-forwarded-host': '%' },
  { host: CONTENT.repeat(50) },
  { host: '[' },
  { cookie: 'stagedoor.session=%; __prerender_bypass=%; __next_preview_data=%' },
  { 'accept-language': '%', 'if-none-match': '%', range: 'bytes=9-0', 'content-type': '%' },
  { purpose: 'prefetch', 'sec-fetch-dest': '%', origin: `http://${CONTENT}` },
];
const BODIES = [
  '$ACTION_ID_x=1',
  '$ACTION_REF_1=&$ACTION_1:0={',
  '[',
  '{',
  '["$1"]',
  `["${CONTENT}`,
  `--x\r\n${CONTENT}`,
  '%=%',
  `{"${CONTENT}":`,
];
const CONTENT_TYPES = [
  'text/plain',
  'application/json',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'application/x-www-form-urlencoded',
  'application/octet-stream',
  '',
  'x',
];
const MALFORMED_BODIES = BODIES.flatMap((body) =>
  CONTENT_TYPES.flatMap((type) => {
    const headers = { 'content-type': type, 'sec-fetch-site': 'same-origin' };
    return [
      { body, headers },
      { body, headers: { ...headers, 'next-action': '0'.repeat(42) } },
    ];
  }),
);
const PAGES = atScale({ normal: ['/sign-in'], soak: ['/', '/sign-in', '/reveal', '/missing'] });
const MALFORMED_PATHS = [
  '/%',
  '/%ff',
  '/%c0%af',
  '/reveal/%e0%a4%a',
  '//x',
  '/\\x',
  '/sign-in?%ff=%',
  '/%00',
  '/x%0d%0ay',
];
const NEXT_PATHS = [
  '/_next/static/%',
  '/_next/static/x.js',
  '/_next/image?url=%',
  '/_NEXT/static/x',
  '/_global-error',
  '/%5fglobal-error',
  '/_not-found',
  '/_error',
  '/sign-in.rsc',
  '/sign-in.segments/_tree.segment.rsc',
  '/_next/data/x/y.json',
  '/_next/x',
];

describe('web', () => {
  it('responds to malformed requests with 4xx, and logs few lines and nothing of their content', async () => {
    logged = '';
    const requests: SentRequest[] = [
      ...PAGES.flatMap((page) => [
        ...MALFORMED_HEADERS.flatMap((headers) => [
          { path: page, headers },
          {
            path: page,
            headers: { 'sec-fetch-site': 'same-origin', ...headers },
            method: 'POST',
            body: '["x"]',
          },
        ]),
        ...MALFORMED_BODIES.map((sent) => ({ path: page, method: 'POST', ...sent })),
      ]),
      ...[...MALFORMED_PATHS, ...NEXT_PATHS].flatMap((target) => [
        { path: target },
        { path: target, headers: { rsc: '1' } },
      ]),
    ];
    for (const sent of sampleAtScale(requests, ({ method, path: target }) => `${method} ${target}`)) {
      const { status } = await sendAndFollow(sent);
      expect(status < 500, `${status} to ${JSON.stringify(sent).slice(0, 300)}`).toBe(true);
    }
    for (const state of BROKEN_STATES) {
      const headers = { rsc: '1', 'next-router-state-tree': state };
      expect((await send({ path: '/sign-in', headers })).status, state).toBe(400);
    }
    const headers = { ...ACTION_HEADERS, 'next-action': '0'.repeat(42) };
    expect((await send({ method: 'POST', path: '/sign-in', headers, body: '[' })).status).toBe(400);
    const lines = logged
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
    expect(lines.length).toBeLessThan(12);
    expect(logged).not.toContain(CONTENT);
    expect(logged).not.toContain('0'.repeat(42));
  });

  it('accepts the router state of its own pages', async () => {
    const state = encodeURIComponent(JSON.stringify(['', { children: ['sign-in', {}] }, null, 'refetch']));
    expect(
      await sendAndFollow({ path: '/sign-in', headers: { rsc: '1', 'next-router-state-tree': state } }),
    ).toMatchObject({
      status: 200,
      body: expect.stringContaining('sign-in'),
    });
  });

  itInSoak(
    'serves an administrator while other clients occupy all database connections that they may have',
    async () => {
      const administrator = await createTestAdministrator(database.database);
      const account = await createTestAccount(database.database, administrator);
      const cookies = { cookie: await createSessionCookie(administrator.sessionId) };
      const lock = await database.pool.connect();
      await lock.query('begin; lock table rate_limits in access exclusive mode');
      const open = await buildActionCall('openLink', { token: 'x' });
      const callFrom = (ipAddress: string) =>
        send({ ...open, headers: { ...open.headers, 'x-forwarded-for': ipAddress } });
      const others = [
        ...Array.from({ length: 150 }, () => callFrom('192.0.2.1')),
        ...Array.from({ length: 40 }, (_, index) => callFrom(`198.51.100.${index}`)),
      ];
      await expect.poll(countWaitingQueries).toBe(10);
      const page = await send({
        path: '/settings/users/api-accounts',
        headers: { ...cookies, 'x-forwarded-for': '192.0.2.1' },
      });
      expect([page.status, page.body.includes(account.username)]).toEqual([200, true]);
      const { id, version, email, phone } = account;
      const save = await buildActionCall('saveAccount', { id, version, email, phone, active: false });
      const saved = await send({
        ...save,
        headers: { ...save.headers, ...cookies, 'x-forwarded-for': '192.0.2.1' },
      });
      expect([saved.status, saved.body.includes('"ok":true')]).toEqual([200, true]);
      // The others still wait.
      expect(await countWaitingQueries()).toBeGreaterThan(0);
      await lock.query('rollback');
      lock.release();
      await Promise.all(others);
    },
  );

  it('refers to FIRST_ADMIN_PASSWORD at the first sign-in, if it was set', async () => {
    const page = await (await fetch(`http://127.0.0.1:${port}/sign-in`)).text();
    expect(page).toContain('Use the password in FIRST_ADMIN_PASSWORD');
    expect(page).not.toContain('in the terminal');
  });

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

  it('stops in time while clients keep connections open: upgraded, rejected, silent and slow ones', async () => {
    const sockets = await Promise.all([UPGRADE, UPGRADE, 'NONSENSE\r\n\r\n'].map(openConnection));
    await Promise.all(sockets.map((socket) => once(socket, 'data')));
    for (const bytes of ['', 'GET / HTTP/1.1\r\nHost: x\r\n']) sockets.push(await openConnection(bytes));
    const stoppedAt = performance.now();
    web.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    expect(performance.now() - stoppedAt).toBeLessThan(5_000);
    for (const socket of sockets) socket.destroy();
  });
});
