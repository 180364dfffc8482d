import { once } from 'node:events';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { freePort } from '#db/processes.ts';
import { createWebServer } from './web-server.ts';

let server: Server;
let port: number;
let seen: IncomingHttpHeaders | undefined;
/** The body that came through. */
let received: string;
/** Lets the request at `/slow` be answered. */
let release: () => void;

/** Reads a body as Next.js does to forward an action to another page. */
async function textByEvents(request: import('node:http').IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(request, 'end');
  return Buffer.concat(chunks).toString();
}

/** Stands for Next.js: chooses headers of its own, and fails where it is asked to. */
async function page(
  request: import('node:http').IncomingMessage,
  response: import('node:http').ServerResponse,
): Promise<void> {
  seen = request.headers;
  if (request.url === '/slow')
    await new Promise<void>((resolve) => {
      release = resolve;
    });
  if (request.url === '/throws') throw new Error('a secret of the inside');
  received = request.url === '/by-events' ? await textByEvents(request) : await text(request);
  response.setHeader('Cache-Control', 's-maxage=31536000');
  response.setHeader('X-Powered-By', 'Next.js');
  response.writeHead(request.url === '/gone' ? 404 : 200, { 'Content-Security-Policy': 'default-src *' });
  response.end('page');
}

beforeEach(async () => {
  port = await freePort();
  seen = undefined;
  const settings = { publicUrl: 'https://access.example.org', trustedProxies: 0 };
  server = createWebServer(page, settings);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const ask = (path: string, options: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${path}`, options);
const own = { 'sec-fetch-site': 'same-origin' };

/** Sends bytes that `fetch` would not, and reads the answer to its end. */
async function askRaw(bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes);
  return text(socket);
}

function expectGuarded(headers: Headers): void {
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(/script-src 'self' 'nonce-[A-Za-z0-9+/]{22}==' 'strict-dynamic'/);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('strict-transport-security')).toContain('max-age=');
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
  expect(headers.get('x-powered-by')).toBeNull();
}

test('every answer has the headers, whatever Next.js chose', async () => {
  for (const path of ['/', '/gone', '/healthz', '/_next/static/chunks/missing.js']) {
    const answer = await ask(path);
    expectGuarded(answer.headers);
    if (path !== '/_next/static/chunks/missing.js')
      expect(answer.headers.get('cache-control')).toBe('no-store');
  }
  expectGuarded((await ask('/', { method: 'POST' })).headers);
});

test('each answer has a nonce of its own, which Next.js is told', async () => {
  const nonceOf = (policy: unknown) => /'nonce-([^']+)'/.exec(String(policy))?.[1];
  const first = nonceOf((await ask('/')).headers.get('content-security-policy'));
  expect(nonceOf(seen?.['content-security-policy'])).toBe(first);
  const second = nonceOf(
    (await ask('/', { headers: { 'content-security-policy': "script-src 'nonce-bWluZQ=='" } })).headers.get(
      'content-security-policy',
    ),
  );
  expect(nonceOf(seen?.['content-security-policy'])).toBe(second);
  expect(second).not.toBe(first);
});

test('what a client must not tell Next.js is overwritten or taken away', async () => {
  await ask('/', {
    headers: {
      'x-stagedoor-address': '203.0.113.7',
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-host': 'evil.example',
      'x-middleware-subrequest': 'middleware',
    },
  });
  expect(seen?.['x-stagedoor-address']).toBe('127.0.0.1');
  expect(seen).not.toHaveProperty('x-middleware-subrequest');
  expect(seen).not.toHaveProperty('x-forwarded-host');
  expect(seen).not.toHaveProperty('x-forwarded-for');
});

test('an action reaches Next.js behind a proxy that asks for an inner host', async () => {
  const headers = { origin: 'https://access.example.org', 'x-forwarded-host': 'evil.example' };
  expect((await ask('/', { method: 'POST', headers })).status).toBe(200);
  expect(seen).toMatchObject({ host: `127.0.0.1:${port}`, 'x-forwarded-host': 'access.example.org' });
});

test('a foreign or large request never reaches Next.js', async () => {
  const refused = async (options: RequestInit) => (await ask('/', { method: 'POST', ...options })).status;
  expect(await refused({ headers: { origin: 'https://evil.example' } })).toBe(403);
  expect(await refused({})).toBe(403);
  expect(await refused({ headers: own, body: 'x'.repeat(65_537) })).toBe(413);
  expect(seen).toBeUndefined();
  expect(await refused({ headers: own, body: 'x'.repeat(65_536) })).toBe(200);
  expect(await askRaw('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')).toContain(' 411 ');
  const lines = vi.mocked(process.stderr.write).mock.calls.map(([line]) => JSON.parse(String(line)));
  expect(lines.map(({ event, reason }) => [event, reason])).toEqual([
    ['request.refused', 'foreign_request'],
    ['request.refused', 'foreign_request'],
    ['request.refused', 'too_large'],
    ['request.refused', 'length_required'],
  ]);
});

test('a machine reaches the webhook, and nothing else', async () => {
  const post = async (path: string, headers = {}) => (await ask(path, { method: 'POST', headers })).status;
  expect(await post('/api/webhooks/resend?x=1')).toBe(200);
  seen = undefined;
  expect(await post('/api/webhooks/resend', { origin: 'https://evil.example' })).toBe(403);
  for (const path of ['/api/webhooks/resend/', '/api/webhooks/other', '/?/api/webhooks/resend'])
    expect(await post(path)).toBe(403);
  expect(await askRaw('POST http://x/api/webhooks/resend HTTP/1.1\r\nHost: x\r\n\r\n')).toContain(' 403 ');
  expect(seen).toBeUndefined();
});

test('an error’s words stay inside', async () => {
  const answer = await ask('/throws');
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain('secret');
  expectGuarded(answer.headers);
  expect(process.stderr.write).toHaveBeenCalledWith(expect.stringContaining('web.request_failed'));
  vi.mocked(process.stderr.write).mockClear();
});

test('bytes that are no HTTP are answered with the headers as well', async () => {
  const answer = await askRaw('NONSENSE\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(answer).toContain("frame-ancestors 'none'");
});

test('while it stops, each answer ends its connection', async () => {
  expect((await ask('/')).headers.get('connection')).not.toBe('close');
  const begun = once(server, 'request');
  const last = ask('/slow');
  await begun;
  server.close();
  release();
  expect((await last).headers.get('connection')).toBe('close');
});

test('closes a connection whose client asked for another protocol, and serves the request', async () => {
  const answer = await askRaw(
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(answer).toMatch(/^Connection: close\r$/m);
});

test('closes its side of a connection that sent no HTTP, although the client keeps it open', async () => {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.write('NONSENSE\r\n\r\n');
  await text(socket);
  await expect
    .poll(() => new Promise((resolve) => server.getConnections((_, open) => resolve(open))))
    .toBe(0);
  socket.destroy();
});

test('refuses connections beyond its limit', async () => {
  expect(server.maxConnections).toBe(2_000);
  server.maxConnections = 1;
  const first = connect(port, '127.0.0.1');
  await once(server, 'connection');
  const second = connect(port, '127.0.0.1');
  second.on('error', () => {});
  const [dropped] = await once(server, 'drop');
  expect(dropped).toMatchObject({ remotePort: second.localPort });
  first.destroy();
});

test('tells the pages whether a proxy passed a request on, whatever the client claims', async () => {
  await ask('/', { headers: { 'x-stagedoor-direct': '0' } });
  expect(seen?.['x-stagedoor-direct']).toBe('1');
  for (const name of ['x-forwarded-for', 'forwarded', 'cf-connecting-ip', 'via']) {
    await ask('/', { headers: { 'x-stagedoor-direct': '1', [name]: '203.0.113.7' } });
    expect(seen?.['x-stagedoor-direct'], name).toBe('0');
  }
});

const action = { ...own, 'next-action': 'x', 'content-type': 'text/plain;charset=UTF-8' };

test.each([
  '[]',
  '[{"token":"$$1"},"$undefined",null,1]',
  JSON.stringify([{ name: 'Ünïcode 💡'.repeat(3_000) }]),
])('hands the arguments of an action on as they came: %.40s', async (body) => {
  expect((await ask('/', { method: 'POST', headers: action, body })).status).toBe(200);
  expect(received).toBe(body);
});

test('hands arguments on that come in pieces', async () => {
  const socket = connect(port, '127.0.0.1');
  const lines = Object.entries({ ...action, host: 'x', connection: 'close', 'content-length': '8' });
  socket.write(
    `POST / HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n`,
  );
  for (const piece of ['["', 'abc', '"', '] ']) {
    await new Promise((resolve) => socket.write(piece, resolve));
    await setImmediate();
  }
  expect(await text(socket)).toContain('200 OK');
  expect(received).toBe('["abc"] ');
});

test.each([
  '',
  '{}',
  'x',
  '["$1:x:y"]',
  '[{"a":["$n1x"]}]',
  '["$F1"]',
  '["$@0"]',
  '["$K1"]',
  '["$undefinedx"]',
])('refuses arguments that Next.js fails on, or that no page sends: %s', async (body) => {
  const response = await ask('/', { method: 'POST', headers: action, body });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: 'malformed_body' });
  expect(seen).toBeUndefined();
});

test('refuses deeply nested arguments, and stays up', async () => {
  for (const body of ['['.repeat(60_000), `${'['.repeat(30_000)}${']'.repeat(30_000)}`])
    expect((await ask('/', { method: 'POST', headers: action, body })).status).toBe(400);
  expect((await ask('/')).status).toBe(200);
});
