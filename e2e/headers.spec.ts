import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { listPages } from './fixtures/built-routes.ts';
import { createSameOriginHeaders } from './fixtures/callers.ts';
import { signIn } from './fixtures/pages.ts';
import { forEachConcurrently, type HttpRequest, send } from './fixtures/requests.ts';
import { expect, test } from './fixtures/test.ts';

/** Paths that are not pages: routes, files, and paths that do not exist. */
const OTHER_PATHS = [
  '/no/such/page',
  '/settings/no/such/page',
  '/api/auth/session',
  '/api/auth/csrf',
  '/api/auth/providers',
  '/settings/audit-log/export?format=csv',
  '/settings/users/api-accounts/export',
  '/settings/users/api-accounts/x/timeline',
  '/healthz',
  '/icon.svg',
  '/_next/static/no-such-file.js',
];

function expectSecurityHeaders(headers: IncomingHttpHeaders, request: string): void {
  expect(headers, request).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'strict-transport-security': expect.stringMatching(/^max-age=\d{8,}/),
    'permissions-policy': expect.stringContaining('camera=()'),
    'cache-control': expect.stringContaining('no-store'),
  });
  expect(headers, request).not.toHaveProperty('x-powered-by');
  const policy = String(headers['content-security-policy'] ?? '');
  const directives = Object.fromEntries(
    policy.split(';').map((directive) => {
      const [name = '', ...values] = directive.trim().split(/\s+/);
      return [name, values];
    }),
  );
  expect(directives, request).toMatchObject({
    'frame-ancestors': ["'none'"],
    'object-src': ["'none'"],
    'base-uri': ["'none'"],
  });
  const scripts = directives['script-src'] ?? [];
  expect(scripts, request).toContainEqual(expect.stringMatching(/^'nonce-[\w+/=-]{16,}'$/));
  expect(scripts, request).not.toContain("'unsafe-inline'");
  expect(scripts, request).not.toContain("'unsafe-eval'");
}

/** Sends bytes over TCP. @returns the status and the headers of the response */
async function sendBytes(webUrl: string, bytes: string) {
  const { hostname, port } = new URL(webUrl);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.end(bytes);
  const response = Buffer.concat(await socket.toArray()).toString('latin1');
  const [statusLine = '', ...lines] = (response.split('\r\n\r\n', 1)[0] ?? '').split('\r\n');
  const headers = lines.map((line) => {
    const [name = '', ...value] = line.split(':');
    return [name.toLowerCase(), value.join(':').trim()];
  });
  return { status: Number(statusLine.split(' ')[1]), headers: Object.fromEntries(headers) };
}

test.describe('HTTP responses', () => {
  test('sends the security headers on every page and route', async ({ installation }) => {
    const pages = await listPages();
    expect(pages.length).toBeGreaterThan(12);
    await forEachConcurrently([...pages, ...OTHER_PATHS], async (path) => {
      for (const method of ['GET', 'HEAD']) {
        const { headers } = await send(installation.webUrl, { method, path });
        expectSecurityHeaders(headers, `${method} ${path}`);
      }
    });
  });

  test('sends the security headers with every refusal', async ({ installation }) => {
    const crossOrigin = { origin: 'https://example.com', 'sec-fetch-site': 'cross-site' };
    const sameOrigin = createSameOriginHeaders(installation);
    const refused: [number, HttpRequest][] = [
      [400, { path: '/%' }],
      [400, { path: '/settings/%c0%af' }],
      [400, { method: 'POST', path: '/api/auth/callback/credentials', headers: sameOrigin, body: '{' }],
      [403, { method: 'POST', path: '/sign-in', headers: crossOrigin, body: '[]' }],
      [403, { method: 'POST', path: '/api/auth/signout', headers: crossOrigin, body: '' }],
      [404, { path: '/no/such/page' }],
      [404, { path: '/api/auth/session' }],
      [404, { method: 'POST', path: '/no/such/page', headers: sameOrigin, body: '' }],
      [405, { method: 'TRACE', path: '/sign-in' }],
      [405, { method: 'PROPFIND', path: '/settings/users' }],
      [405, { path: '/api/webhooks/resend' }],
      [405, { method: 'DELETE', path: '/settings/audit-log/export', headers: sameOrigin }],
      [
        400,
        {
          method: 'POST',
          path: '/sign-in',
          headers: { ...sameOrigin, 'transfer-encoding': 'gzip, chunked' },
        },
      ],
      [400, { path: '/sign-in', headers: { rsc: '1', 'next-router-state-tree': '[' } }],
      [400, { method: 'POST', path: '/sign-in', headers: { ...sameOrigin, 'next-action': 'x' }, body: '[' }],
      [413, { method: 'POST', path: '/sign-in', headers: sameOrigin, body: 'x'.repeat(65_537) }],
      [413, { method: 'POST', path: '/api/webhooks/resend', body: 'x'.repeat(65_537) }],
      [431, { path: '/sign-in', headers: { cookie: 'x'.repeat(20_000) } }],
    ];
    await forEachConcurrently(refused, async ([status, request]) => {
      const response = await send(installation.webUrl, request);
      const description = `${request.method ?? 'GET'} ${request.path}`;
      expect(response.status, description).toBe(status);
      expectSecurityHeaders(response.headers, description);
    });
  });

  test('sends the security headers in response to malformed HTTP', async ({ installation }) => {
    const malformed = [
      'x\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      'GET /sign-in HTTP/1.1\r\n: x\r\n\r\n',
      'GET /sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: x\r\n\r\n',
      'POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ];
    await forEachConcurrently(malformed, async (bytes) => {
      const { status, headers } = await sendBytes(installation.webUrl, bytes);
      expect(status, JSON.stringify(bytes)).toBe(400);
      expectSecurityHeaders(headers, JSON.stringify(bytes));
    });
  });

  test('uses a new nonce in every response', async ({ installation }) => {
    const nonces = new Set<string | undefined>();
    await forEachConcurrently(Array(20).keys(), async () => {
      const { headers } = await send(installation.webUrl, { path: '/sign-in' });
      nonces.add(/'nonce-([^']+)'/.exec(String(headers['content-security-policy']))?.[1]);
    });
    expect(nonces).not.toContain(undefined);
    expect(nonces.size).toBe(20);
  });

  test('serves assets with nosniff, and does not transform images', async ({ installation }) => {
    const { text } = await send(installation.webUrl, { path: '/sign-in' });
    const assetPaths = new Set(text.match(/\/_next\/static\/[\w./~-]+/g));
    expect(assetPaths.size).toBeGreaterThan(3);
    await forEachConcurrently(assetPaths, async (path) => {
      const { status, headers } = await send(installation.webUrl, { path });
      expect(status, path).toBe(200);
      expect(headers['x-content-type-options'], path).toBe('nosniff');
      expect(headers, path).not.toHaveProperty('x-powered-by');
    });
    const image = await send(installation.webUrl, { path: '/_next/image?url=%2Ficon.svg&w=64&q=75' });
    expect(image.status).toBeGreaterThanOrEqual(400);
  });

  test('sets host-only, HTTP-only cookies, and starts a new session at each sign-in', async ({
    openPage,
    newUser,
  }) => {
    const user = await newUser('settings_viewer');
    const page = await openPage();
    await signIn(page, user);
    const cookies = await page.context().cookies();
    expect(cookies.length).toBeGreaterThan(0);
    for (const cookie of cookies) {
      expect(cookie.name).toMatch(/^stagedoor\./);
      expect(cookie).toMatchObject({ domain: 'localhost', httpOnly: true, path: '/' });
      expect(['Lax', 'Strict']).toContain(cookie.sameSite);
    }
    expect(await page.evaluate(() => document.cookie)).toBe('');

    const readSessionCookie = async () =>
      (await page.context().cookies()).find((cookie) => cookie.name.includes('session'))?.value;
    const firstSession = await readSessionCookie();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('/sign-in**');
    await signIn(page, user);
    expect(firstSession).toBeTruthy();
    expect(await readSessionCookie()).not.toBe(firstSession);
  });
});
