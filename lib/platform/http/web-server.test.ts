import { once } from 'node:events';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findFreePort } from '#db/processes.ts';
import { createWebServer } from './web-server.ts';

let server: Server;
let port: number;
/** The headers of the last request that the handler got. */
let handledHeaders: IncomingHttpHeaders | undefined;
/** The body that the handler read. */
let handledBody: string;
/** Completes the pending request at `/slow`. */
let release: () => void;

/** Reads a body as Next.js does when it forwards an action to another page. */
async function readTextByEvents(request: import('node:http').IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(request, 'end');
  return Buffer.concat(chunks).toString();
}

/** The target of the last request that the handler got. */
let handledUrl: string | undefined;

/** Stands in for Next.js: sets headers as Next.js does, throws at `/throws`, and waits for `release` at `/slow`. */
async function handleRequest(
  request: import('node:http').IncomingMessage,
  response: import('node:http').ServerResponse,
): Promise<void> {
  handledHeaders = request.headers;
  handledUrl = request.url;
  if (request.url === '/slow')
    await new Promise<void>((resolve) => {
      release = resolve;
    });
  if (request.url === '/throws') throw new Error('an internal secret');
  handledBody = request.url === '/by-events' ? await readTextByEvents(request) : await text(request);
  response.setHeader('Cache-Control', 's-maxage=31536000');
  response.setHeader('X-Powered-By', 'Next.js');
  response.writeHead(request.url === '/missing' ? 404 : 200, { 'Content-Security-Policy': 'default-src *' });
  response.end('page');
}

beforeEach(async () => {
  port = await findFreePort();
  handledHeaders = undefined;
  const settings = { publicUrl: 'https://access.example.org', trustedProxies: 0 };
  server = createWebServer(handleRequest, settings);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const send = (path: string, options: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${path}`, options);
const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };

/** Sends raw bytes, which `fetch` cannot, and returns the whole response. */
async function sendRaw(bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes);
  return text(socket);
}

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
  expect(await sendRaw('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')).toContain(
    ' 411 ',
  );
  const lines = vi.mocked(process.stderr.write).mock.calls.map(([line]) => JSON.parse(String(line)));
  expect(lines.map(({ event, reason }) => [event, reason])).toEqual([
    ['request.refused', 'foreign_request'],
    ['request.refused', 'foreign_request'],
    ['request.refused', 'too_large'],
    ['request.refused', 'length_required'],
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
  const requested = once(server, 'request');
  const pending = send('/slow');
  await requested;
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

test('drops connections above its limit', async () => {
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

test('reports to the pages whether a request was forwarded, whatever the client sends', async () => {
  await send('/', { headers: { 'x-stagedoor-direct': '0' } });
  expect(handledHeaders?.['x-stagedoor-direct']).toBe('1');
  for (const name of ['x-forwarded-for', 'forwarded', 'cf-connecting-ip', 'via']) {
    await send('/', { headers: { 'x-stagedoor-direct': '1', [name]: '203.0.113.7' } });
    expect(handledHeaders?.['x-stagedoor-direct'], name).toBe('0');
  }
});

const ACTION_HEADERS = { ...SAME_ORIGIN, 'next-action': 'x', 'content-type': 'text/plain;charset=UTF-8' };

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
