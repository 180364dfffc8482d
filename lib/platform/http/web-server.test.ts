import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findFreePort } from '#db/processes.ts';
import { createWebServer } from './web-server.ts';

let server: ReturnType<typeof createWebServer>;
let port: number;
/** The headers of the last request that the handler got. */
let handledHeaders: IncomingHttpHeaders | undefined;
/** The bodies that the handler read, and the last one of them. */
let handledBodies: string[];
let handledBody: string;
/** Each completes a pending request at `/slow`. */
let releases: (() => void)[];
const release = () => releases.shift()?.();

/** Reads a body as Next.js does when it forwards an action to another page. */
async function readTextByEvents(request: import('node:http').IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(request, 'end');
  return Buffer.concat(chunks).toString();
}

/** The target of the last request that the handler got. */
let handledUrl: string | undefined;
/** Reads a body as Next.js does for a route. */
async function readTextByRequest(request: import('node:http').IncomingMessage): Promise<string> {
  // The type does not say that Node.js also accepts its own streams.
  const options = { method: 'POST', body: request, duplex: 'half' } as unknown as RequestInit;
  return new Request('http://x', options).text();
}

/** More than the operating system buffers, so the rest waits until the client reads. */
const LARGE_BODY = Buffer.alloc(32 * 1024 * 1024);

/** Stands in for Next.js: sets headers as Next.js does, throws at `/throws`, and waits for `release` at `/slow`. */
async function handleRequest(
  request: import('node:http').IncomingMessage,
  response: import('node:http').ServerResponse,
): Promise<void> {
  handledHeaders = request.headers;
  handledUrl = request.url;
  if (request.url === '/slow')
    await new Promise<void>((resolve) => {
      releases.push(resolve);
    });
  if (request.url === '/throws') throw new Error('an internal secret');
  if (request.url?.endsWith('/large')) return void response.end(LARGE_BODY);
  if (request.url === '/by-events') handledBody = await readTextByEvents(request);
  else if (request.url === '/route') handledBody = await readTextByRequest(request);
  else handledBody = await text(request);
  handledBodies.push(handledBody);
  response.setHeader('Cache-Control', 's-maxage=31536000');
  response.setHeader('X-Powered-By', 'Next.js');
  response.writeHead(request.url === '/missing' ? 404 : 200, { 'Content-Security-Policy': 'default-src *' });
  response.end('page');
}

beforeEach(async () => {
  port = await findFreePort();
  handledHeaders = undefined;
  handledBodies = [];
  releases = [];
  await startServer();
});
afterEach(() => server.stop());

/** Replaces the server by one with other options. */
async function startServer(options: Partial<Parameters<typeof createWebServer>[1]> = {}): Promise<void> {
  await server?.stop();
  const limits = { idleGracePeriodMs: 1, ...options.limits };
  const settings = { publicUrl: 'https://access.example.org', trustedProxies: 0, ...options, limits };
  server = createWebServer(handleRequest, settings);
  await once(server.listen(port, '127.0.0.1'), 'listening');
}

const send = (path: string, options: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${path}`, options);
const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };

/** Sends raw bytes, which `fetch` cannot, and returns the whole response. */
async function sendRaw(bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes);
  return text(socket);
}

const readLogLines = () =>
  vi.mocked(process.stderr.write).mock.calls.map(([line]) => JSON.parse(String(line)));

function expectSecurityHeaders(headers: Headers): void {
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(/script-src 'self' 'nonce-[A-Za-z0-9+/]{22}==' 'strict-dynamic'/);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('strict-transport-security')).toContain('max-age=');
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
  expect(headers.get('x-powered-by')).toBeNull();
}

/** A file that browsers may cache. */
const BUILD_FILE = '/_next/static/chunks/a.js';

test('sets the security headers on every response, and overwrites those of Next.js', async () => {
  for (const path of ['/', '/missing', '/healthz', BUILD_FILE]) {
    const response = await send(path);
    expectSecurityHeaders(response.headers);
    if (path !== BUILD_FILE) expect(response.headers.get('cache-control')).toBe('no-store');
  }
  expectSecurityHeaders((await send('/', { method: 'POST' })).headers);
});

test('creates a nonce per response and passes it to Next.js', async () => {
  const findNonce = (policy: unknown) => /'nonce-([^']+)'/.exec(String(policy))?.[1];
  const first = findNonce((await send('/')).headers.get('content-security-policy'));
  expect(findNonce(handledHeaders?.['content-security-policy'])).toBe(first);
  // A policy that a client sends is overwritten.
  const second = findNonce(
    (await send('/', { headers: { 'content-security-policy': "script-src 'nonce-bWluZQ=='" } })).headers.get(
      'content-security-policy',
    ),
  );
  expect(findNonce(handledHeaders?.['content-security-policy'])).toBe(second);
  expect(second).not.toBe(first);
});

test('serves a request target in absolute form, whose host replaces that of the header', async () => {
  const { host } = new URL(`http://127.0.0.1:${port}`);
  const request = (target: string, header: string) =>
    sendRaw(`GET ${target} HTTP/1.1\r\nHost: ${header}\r\nConnection: close\r\n\r\n`);
  expect(await request(`http://${host}/missing`, 'evil.example')).toMatch(/^HTTP\/1\.1 404 /);
  expect(handledUrl).toBe('/missing');
  expect(handledHeaders?.host).toBe(host);
  expect(await request(`HTTP://${host}/healthz`, host)).toMatch(/^HTTP\/1\.1 200 .*\r\nok\n$/s);
});

test('refuses a foreign request in absolute form', async () => {
  const head = `POST http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: x\r\nOrigin: https://evil.example\r\n`;
  expect(await sendRaw(`${head}Content-Length: 0\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 403 /);
});

test('overwrites or removes request headers that a client must not set', async () => {
  await send('/', {
    headers: {
      'x-stagedoor-address': '203.0.113.7',
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-host': 'evil.example',
      'x-middleware-subrequest': 'middleware',
    },
  });
  expect(handledHeaders?.['x-stagedoor-address']).toBe('127.0.0.1');
  expect(handledHeaders).not.toHaveProperty('x-middleware-subrequest');
  expect(handledHeaders).not.toHaveProperty('x-forwarded-host');
  expect(handledHeaders).not.toHaveProperty('x-forwarded-for');
});

test.each([
  ['X-Forwarded-For', '198.51.100.1, 203.0.113.7:4711', '203.0.113.7'],
  ['X-Forwarded-For', '"[2001:DB8::1]:443"', '2001:db8::1'],
  ['X-Forwarded-For', '::ffff:cb00:7107', '203.0.113.7'],
  ['Forwarded', 'for=198.51.100.1, For="203.0.113.7:4711";proto=https', '203.0.113.7'],
  ['Forwarded', 'for=unknown', '127.0.0.1'],
])('passes the client’s IP address from %s: %s as %s', async (name, value, address) => {
  await new Promise((resolve) => server.close(resolve));
  await startServer({ publicUrl: 'https://access.example.org', trustedProxies: 1 });
  await send('/', { headers: { [name]: value } });
  expect(handledHeaders?.['x-stagedoor-address']).toBe(address);
});

test('reads the header of a proxy even behind thousands of others from the client', async () => {
  await startServer({ trustedProxies: 1 });
  const fillers = 'a:1\r\n'.repeat(2_500);
  const proxied = `X-Forwarded-For: 198.51.100.1\r\n${fillers}X-Forwarded-For: 203.0.113.7\r\n`;
  expect(await sendRaw(`GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${proxied}\r\n`)).toContain(
    ' 200 ',
  );
  expect(handledHeaders?.['x-stagedoor-address']).toBe('203.0.113.7');
});

test('passes an action to Next.js behind a proxy with an internal host', async () => {
  const headers = { origin: 'https://access.example.org', 'x-forwarded-host': 'evil.example' };
  expect((await send('/', { method: 'POST', headers })).status).toBe(200);
  expect(handledHeaders).toMatchObject({
    host: `127.0.0.1:${port}`,
    'x-forwarded-host': 'access.example.org',
  });
});

test('refuses foreign and oversized requests before they reach Next.js', async () => {
  const postStatus = async (options: RequestInit) => (await send('/', { method: 'POST', ...options })).status;
  expect(await postStatus({ headers: { origin: 'https://evil.example' } })).toBe(403);
  expect(await postStatus({})).toBe(403);
  expect(await postStatus({ headers: SAME_ORIGIN, body: 'x'.repeat(65_537) })).toBe(413);
  expect(handledHeaders).toBeUndefined();
  expect(await postStatus({ headers: SAME_ORIGIN, body: 'x'.repeat(65_536) })).toBe(200);
  expect(readLogLines().map(({ event, reason }) => [event, reason])).toEqual([
    ['request.refused', 'foreign_request'],
    ['request.refused', 'too_large'],
  ]);
});

test('lets a request without browser headers reach only the webhook', async () => {
  const post = async (path: string, headers = {}) => (await send(path, { method: 'POST', headers })).status;
  expect(await post('/api/webhooks/resend?x=1')).toBe(200);
  handledHeaders = undefined;
  expect(await post('/api/webhooks/resend', { origin: 'https://evil.example' })).toBe(403);
  for (const path of ['/api/webhooks/resend/', '/api/webhooks/other', '/?/api/webhooks/resend'])
    expect(await post(path)).toBe(403);
  expect(await sendRaw('POST http://x/api/webhooks/other HTTP/1.1\r\nHost: x\r\n\r\n')).toContain(' 403 ');
  expect(handledHeaders).toBeUndefined();
});

test('does not reveal an error message', async () => {
  const response = await send('/throws');
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('secret');
  expectSecurityHeaders(response.headers);
  expect(process.stderr.write).toHaveBeenCalledWith(expect.stringContaining('web.request_failed'));
  // Otherwise `lib/testing/vitest-setup.ts` would report the logged error.
  vi.mocked(process.stderr.write).mockClear();
});

test('sets the security headers on responses to malformed HTTP', async () => {
  const response = await sendRaw('NONSENSE\r\n\r\n');
  expect(response).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(response).toContain("frame-ancestors 'none'");
});

test('closes each connection after its response while stopping', async () => {
  expect((await send('/')).headers.get('connection')).not.toBe('close');
  const pending = send('/slow');
  await expect.poll(() => releases.length).toBe(1);
  server.close();
  release();
  expect((await pending).headers.get('connection')).toBe('close');
});

test('ignores a request for an upgrade: sends an ordinary response, and closes the connection', async () => {
  const response = await sendRaw(
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  expect(response).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(response).toMatch(/^Connection: close\r$/m);
});

test('closes a connection after malformed HTTP, even if the client keeps it open', async () => {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.write('NONSENSE\r\n\r\n');
  await text(socket);
  await expect
    .poll(() => new Promise((resolve) => server.getConnections((_, open) => resolve(open))))
    .toBe(0);
  socket.destroy();
});

test('closes the connection that has been idle for the longest time when there are too many', async () => {
  await startServer({ limits: { maxConnections: 3 } });
  const running = send('/slow');
  await expect.poll(() => releases.length).toBe(1);
  const sockets = [];
  for (let index = 0; index < 3; index += 1) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    await once(server, 'connection');
    sockets.push(socket);
  }
  const [oldest, ...newer] = sockets;
  await once(oldest as (typeof sockets)[number], 'close');
  for (const socket of newer) {
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(await text(socket)).toContain(' 200 ');
  }
  release();
  expect((await running).status).toBe(200);
});

const countConnections = () => new Promise((resolve) => server.getConnections((_, open) => resolve(open)));

test('closes a connection whose client does not read its response when there are too many', async () => {
  await startServer({ limits: { maxConnections: 5 } });
  const running = send('/slow');
  await expect.poll(() => releases.length).toBe(1);
  const sockets = [];
  for (let index = 0; index < 20; index += 1) {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.write('GET /_next/static/large HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'readable');
    sockets.push(socket);
  }
  await expect.poll(countConnections).toBeLessThanOrEqual(5);
  expect((await send('/healthz')).status).toBe(200);
  release();
  expect((await running).status).toBe(200);
  for (const socket of sockets) socket.destroy();
});

test('closes a connection whose client has read nothing for too long, and lets its next request run', async () => {
  const clientQueue = { maxRunning: 1, maxWaiting: 1, maxWaitMs: 60_000 };
  await startServer({ limits: { clientQueue, stallTimeoutMs: 100 } });
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  socket.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'readable');
  await expect.poll(countConnections).toBe(0);
  expect((await send('/')).status).toBe(200);
  socket.destroy();
});

test('serves health checks while one client holds every connection', async () => {
  await startServer({ limits: { maxConnections: 5 } });
  const sockets = Array.from({ length: 50 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  expect((await send('/healthz')).status).toBe(200);
  for (const socket of sockets) socket.destroy();
});

test.each([
  ['headers', 'GET / HTTP/1.1\r\nHost: x\r\n'],
  ['nothing', ''],
  ['a body', 'POST / HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 3\r\n\r\nab'],
  [
    'a chunked body',
    'POST / HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab',
  ],
])('responds 408 to a client that sends %s too slowly', async (_, bytes) => {
  await startServer({ limits: { requestTimeoutMs: 20, checkIntervalMs: 10 } });
  const response = await sendRaw(bytes);
  expect(response).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(response).toContain("frame-ancestors 'none'");
  expect(handledHeaders).toBeUndefined();
});

test('gives the headers and the body of a request 10 seconds', () => {
  expect([server.headersTimeout, server.requestTimeout]).toEqual([10_000, 10_000]);
});

test('stops although clients hold connections without a complete request', async () => {
  const sockets = ['', 'GET / HTTP/1.1\r\nHost: x\r\n'].map((bytes) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    socket.write(bytes);
    return socket;
  });
  await Promise.all(sockets.map(() => once(server, 'connection')));
  // A request that is being worked on is completed.
  const pending = send('/slow');
  await expect.poll(() => releases.length).toBe(1);
  const stopped = server.stop();
  await Promise.all(sockets.map((socket) => text(socket)));
  release();
  expect((await pending).status).toBe(200);
  await stopped;
});

test('reports to the pages whether a request was forwarded, whatever the client sends', async () => {
  await send('/', { headers: { 'x-stagedoor-direct': '0' } });
  expect(handledHeaders?.['x-stagedoor-direct']).toBe('1');
  for (const name of ['x-forwarded-for', 'forwarded', 'cf-connecting-ip', 'via']) {
    await send('/', { headers: { 'x-stagedoor-direct': '1', [name]: '203.0.113.7' } });
    expect(handledHeaders?.['x-stagedoor-direct'], name).toBe('0');
  }
});

const ACTION_HEADERS = {
  ...SAME_ORIGIN,
  'next-action': '0'.repeat(42),
  'content-type': 'text/plain;charset=UTF-8',
};

test.each([
  '[]',
  '[{"token":"$$1"},"$undefined",null,1]',
  JSON.stringify([{ name: 'Ünïcode 💡'.repeat(3_000) }]),
])('passes the arguments of an action on unchanged: %.40s', async (body) => {
  expect((await send('/', { method: 'POST', headers: ACTION_HEADERS, body })).status).toBe(200);
  expect(handledBody).toBe(body);
});

test('passes arguments on that arrive in pieces', async () => {
  const socket = connect(port, '127.0.0.1');
  const lines = Object.entries({ ...ACTION_HEADERS, host: 'x', connection: 'close', 'content-length': '8' });
  socket.write(
    `POST / HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n`,
  );
  for (const piece of ['["', 'abc', '"', '] ']) {
    await new Promise((resolve) => socket.write(piece, resolve));
    await setImmediate();
  }
  expect(await text(socket)).toContain('200 OK');
  expect(handledBody).toBe('["abc"] ');
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
])('refuses arguments that no page sends: %s', async (body) => {
  const response = await send('/', { method: 'POST', headers: ACTION_HEADERS, body });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: 'malformed_body' });
  expect(handledHeaders).toBeUndefined();
});

test('refuses deeply nested arguments, and serves the next request', async () => {
  for (const body of ['['.repeat(60_000), `${'['.repeat(30_000)}${']'.repeat(30_000)}`])
    expect((await send('/', { method: 'POST', headers: ACTION_HEADERS, body })).status).toBe(400);
  expect((await send('/')).status).toBe(200);
});

/** Formats a POST from this site with a chunked body, and reads the response to it. */
const sendChunked = (chunks: string[], headers: Record<string, string> = {}, path = '/') => {
  const lines = Object.entries({
    host: 'x',
    connection: 'close',
    ...SAME_ORIGIN,
    'transfer-encoding': 'chunked',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const body = [...chunks, ''].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`);
  return sendRaw(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body.join('')}`);
};

test.each<[string, string[]]>([
  ['without content', []],
  ['in one piece', ['["a"]']],
  ['in several pieces', ['["', 'x'.repeat(30_000), '", "', 'y'.repeat(30_000), '"]']],
])('passes on a body of unknown length, %s', async (_, chunks) => {
  expect(await sendChunked(chunks)).toContain(' 200 ');
  expect(handledBody).toBe(chunks.join(''));
  expect(handledHeaders).toMatchObject({ 'content-length': String(chunks.join('').length) });
  expect(handledHeaders).not.toHaveProperty('transfer-encoding');
});

test('passes on the arguments of an action whose body has an unknown length', async () => {
  expect(await sendChunked(['["', 'a"]'], ACTION_HEADERS)).toContain(' 200 ');
  expect(handledBody).toBe('["a"]');
  expect(await sendChunked(['["$F1"]'], ACTION_HEADERS)).toContain(' 400 ');
});

test('passes on a body to a route, with and without a declared length', async () => {
  for (const chunks of [['email=', 'ada@example.com'], []]) {
    expect(await sendChunked(chunks, {}, '/route')).toContain(' 200 ');
    expect(handledBody).toBe(chunks.join(''));
  }
  expect((await send('/route', { method: 'POST', headers: SAME_ORIGIN, body: 'a=b' })).status).toBe(200);
  expect(handledBody).toBe('a=b');
});

test('limits a body of unknown length', async () => {
  expect(await sendChunked(['x'.repeat(65_536)])).toContain(' 200 ');
  handledHeaders = undefined;
  expect(await sendChunked(['x'.repeat(65_536), 'x'])).toContain(' 413 ');
  expect(handledHeaders).toBeUndefined();
});

test('accepts large reports of leaked keys, from a limited number of clients at the same time', async () => {
  await startServer({ limits: { maxLargeBodies: 1 } });
  const report = (path: string, bytes: number) =>
    send(path, { method: 'POST', body: 'x'.repeat(bytes) }).then(({ status }) => status);
  const path = '/api/v1/leaked-keys';
  expect(await report(path, 1024 * 1024)).toBe(200);
  expect(handledBody).toHaveLength(1024 * 1024);
  expect(await report(path, 1024 * 1024 + 1)).toBe(413);
  expect(await report('/api/v1/api-accounts', 65_537)).toBe(413);
  // The first one declares more than it has sent so far.
  const slow = connect(port, '127.0.0.1');
  slow.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\nx`);
  await vi.waitFor(async () => expect(await report(path, 65_537)).toBe(429));
  expect(await report(path, 65_536)).toBe(200);
  slow.destroy();
  await vi.waitFor(async () => expect(await report(path, 65_537)).toBe(200));
});

test.each<[string, Record<string, string>]>([
  ['two lengths', { 'content-length': '3' }],
  ['an encoding that is not supported', { 'transfer-encoding': 'gzip, chunked' }],
  ['an encoding that is not the last one', { 'transfer-encoding': 'chunked, gzip' }],
  ['an unknown encoding', { 'transfer-encoding': 'xchunked' }],
])('refuses a body with %s', async (_, headers) => {
  expect(await sendChunked(['abc'], headers)).toMatch(/^HTTP\/1\.1 400 /);
  expect(handledHeaders).toBeUndefined();
});

test.each<[string, Record<string, string>, number?]>([
  ['an unknown form of action id', { 'next-action': 'x' }],
  ['an action id with another character', { 'next-action': `${'0'.repeat(41)}%0a` }],
  ['a forwarded action', { ...ACTION_HEADERS, 'x-action-forwarded': '1' }],
  ['a malformed router state', { rsc: '1', 'next-router-state-tree': 'malformed' }],
  ['an unknown expectation', { expect: 'wonders' }, 417],
])('refuses %s before it reaches Next.js', async (_, headers, status = 400) => {
  await startServer({ isRouterState: (header) => header !== 'malformed' });
  const lines = Object.entries({ host: 'x', connection: 'close', ...SAME_ORIGIN, ...headers });
  for (const start of ['GET', 'POST']) {
    const response = await sendRaw(
      `${start} / HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
    );
    expect(response).toContain(` ${status} `);
    expect(response).toContain("frame-ancestors 'none'");
  }
  expect(handledHeaders).toBeUndefined();
  expect(readLogLines()).toHaveLength(1);
});

test('accepts an absolute target, and takes the host from it', async () => {
  const target = 'http://access.example.org/by-events?x=http://y/';
  expect(await sendRaw(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).toContain(' 200 ');
  expect(handledHeaders?.host).toBe('access.example.org');
  for (const [malformed, status] of [
    ['http://', 400],
    ['http://a b/', 400],
    ['ftp://x/', 400],
    ['*', 400],
    ['http://x', 200],
  ])
    expect(
      await sendRaw(`OPTIONS ${malformed} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
      String(malformed),
    ).toContain(` ${status} `);
});

const PIPELINED = 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n';

test('lets the next requests of a client run whose pipelined requests were cut off', async () => {
  await startServer({ limits: { clientQueue: { maxRunning: 2, maxWaiting: 2, maxWaitMs: 60_000 } } });
  const socket = connect(port, '127.0.0.1');
  socket.write(PIPELINED.repeat(3));
  await expect.poll(() => releases.length).toBe(2);
  socket.destroy();
  await expect.poll(countConnections).toBe(0);
  release();
  release();
  const next = [send('/slow'), send('/slow')];
  // The third pipelined request does not run.
  await expect.poll(() => releases.length).toBe(2);
  expect(await Promise.race([...next, 'running'])).toBe('running');
  release();
  release();
  expect((await Promise.all(next)).map(({ status }) => status)).toEqual([200, 200]);
});

test('responds to a few pipelined requests in order, and closes the connection if there are more', async () => {
  const few = `${'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2)}GET /missing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
  const statuses = [...(await sendRaw(few)).matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status);
  expect(statuses).toEqual(['200', '200', '404']);
  expect(await sendRaw(PIPELINED.repeat(1_000))).toBe('');
  expect(releases.length).toBeLessThanOrEqual(4);
});

test('gives each pipelined request its own body', async () => {
  const post = (body: string, header = '') =>
    `POST /by-events HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n${header}\r\n${body}`;
  const response = await sendRaw(
    post(
      '3\r\nabc\r\n0\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n',
      'Transfer-Encoding: chunked\r\nTrailer: x\r\n',
    ) + post('GET', 'Content-Length: 3\r\nConnection: close\r\n'),
  );
  expect(response.match(/ 200 OK/g)).toHaveLength(2);
  expect(handledBodies).toEqual(['abc', 'GET']);
});

test('sends no response to malformed bytes behind a request that waits or runs', async () => {
  await startServer({ limits: { clientQueue: { maxRunning: 1, maxWaiting: 1, maxWaitMs: 60_000 } } });
  expect(await sendRaw(`${PIPELINED}NONSENSE\r\n\r\n`)).toBe('');
  const running = send('/slow');
  await expect.poll(() => releases.length).toBe(2);
  expect(await sendRaw(`${PIPELINED}NONSENSE\r\n\r\n`)).toBe('');
  release();
  release();
  expect((await running).status).toBe(200);
});

test('neither handles nor logs a request whose client disconnects before its body has arrived', async () => {
  for (const framing of ['Content-Length: 3\r\n\r\nab', 'Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n']) {
    const received = once(server, 'request');
    const socket = connect(port, '127.0.0.1');
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n${framing}`);
    const [, response] = await received;
    socket.destroy();
    await once(response, 'close');
  }
  await setImmediate();
  expect(handledHeaders).toBeUndefined();
  expect(readLogLines()).toEqual([]);
});

/** Two requests of each client run, two more wait, and further ones are refused. */
const FEW_REQUESTS = { limits: { clientQueue: { maxRunning: 2, maxWaiting: 2, maxWaitMs: 60_000 } } };

test('passes on a few requests of one IP address at a time, keeps others waiting, and refuses the rest', async () => {
  await startServer(FEW_REQUESTS);
  const responses = Array.from({ length: 5 }, () => send('/slow'));
  const refused = await Promise.race(responses);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
  expect(await refused.json()).toMatchObject({ code: 'too_many_requests' });
  await expect.poll(() => releases.length).toBe(2);
  // Neither static files nor health checks wait.
  expect((await send(BUILD_FILE)).status).toBe(200);
  for (const target of ['/_next/static/../x', '/_NEXT/static/x', '/_next/static/%2E./x', '/_next/staticx'])
    expect(await sendRaw(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`), target).toContain(' 429 ');
  expect((await send('/healthz')).status).toBe(200);
  for (let completed = 0; completed < 4; completed += 1) {
    await expect.poll(() => releases.length).toBe(Math.min(2, 4 - completed));
    release();
  }
  const statuses = (await Promise.all(responses)).map(({ status }) => status);
  expect(statuses.toSorted()).toEqual([200, 200, 200, 200, 429]);
});

test('does not make a signed-in user wait for other clients at the same IP address, or for another user', async () => {
  const findSessionId = async (cookies?: string) => cookies?.replace('session=', '') ?? null;
  await startServer({ ...FEW_REQUESTS, findSessionId });
  const ofOthers = [{}, { cookie: 'session=a' }].flatMap((headers) =>
    Array.from({ length: 4 }, () => send('/slow', { headers })),
  );
  await expect.poll(() => releases.length).toBe(4);
  expect((await send('/', { headers: { cookie: 'session=b' } })).status).toBe(200);
  for (let completed = 0; completed < 8; completed += 1) {
    await expect.poll(() => releases.length).toBeGreaterThan(0);
    release();
  }
  await Promise.all(ofOthers);
});

test('does not pass on a waiting request whose client disconnects', async () => {
  await startServer({ limits: { clientQueue: { maxRunning: 1, maxWaiting: 1, maxWaitMs: 60_000 } } });
  const running = send('/slow');
  await expect.poll(() => releases.length).toBe(1);
  const controller = new AbortController();
  const received = once(server, 'request');
  const waiting = send('/slow', { signal: controller.signal }).catch(() => 'disconnected');
  const [, response] = await received;
  const closed = once(response, 'close');
  controller.abort();
  expect(await waiting).toBe('disconnected');
  await closed;
  release();
  expect((await running).status).toBe(200);
  expect((await send('/')).status).toBe(200);
  expect(releases).toEqual([]);
});

test('gives the place of a disconnected client to another request only when its work is done', async () => {
  await startServer({ limits: { clientQueue: { maxRunning: 1, maxWaiting: 1, maxWaitMs: 60_000 } } });
  const controller = new AbortController();
  const abandoned = send('/slow', { signal: controller.signal }).catch(() => 'disconnected');
  await expect.poll(() => releases.length).toBe(1);
  controller.abort();
  expect(await abandoned).toBe('disconnected');
  handledHeaders = undefined;
  const next = send('/');
  await once(server, 'request');
  await setImmediate();
  expect(handledHeaders).toBeUndefined();
  release();
  expect((await next).status).toBe(200);
});
