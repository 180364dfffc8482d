import { buildCookieSettings } from '#lib/identity/sessions/cookies.ts';
import { type HttpResponse, send } from './fixtures/requests.ts';
import { startWebProcess, type WebProcess } from './fixtures/services.ts';
import { expect, test } from './fixtures/test.ts';
import type { TestSession } from './fixtures/users.ts';

const PUBLIC_URL = 'https://stagedoor.example';
const PUBLIC_HOST = 'stagedoor.example';

/** Runs as `npm start` runs it without settings. */
let local: WebProcess;
/** Runs behind a proxy or tunnel that adds no headers, and that TRUSTED_PROXIES does not count. */
let behindTunnel: WebProcess;

// Not fixtures of the worker: Playwright would start a new worker for this file.
test.beforeAll(async ({ installation }) => {
  [local, behindTunnel] = await Promise.all([
    startWebProcess(installation),
    startWebProcess(installation, { PUBLIC_URL }),
  ]);
});
test.afterAll(async () => {
  await Promise.all([local.stop(), behindTunnel.stop()]);
});

const requestOutbox = (url: string, headers: Record<string, string> = {}) =>
  send(url, { path: '/outbox', headers });

const createSessionCookieHeader = ({ cookies }: TestSession, publicUrl = 'http://localhost') => ({
  cookie: `${buildCookieSettings(publicUrl).session}=${cookies.cookies[0]?.value}`,
});

function expectHidden({ status, text }: HttpResponse, description: string): void {
  expect(status, description).toBe(404);
  expect(text, description).not.toMatch(/reveal#|set-password#|These messages weren’t sent to anyone/);
}

// In one worker, because each worker would start the services of this file.
test.describe.configure({ mode: 'default' });

test.describe('outbox access', () => {
  test('shows the messages to a request from this machine by default', async ({ apiAccount, outbox }) => {
    const { email } = await apiAccount();
    await outbox.waitForEmail(email);
    const { status, text } = await requestOutbox(local.url);
    expect(status).toBe(200);
    expect(text).toContain(email);
  });

  test('hides the messages from a request through a proxy or for an unknown host, except from administrators', async ({
    newSession,
  }) => {
    const proxyHeaders: [string, string][] = [
      ['forwarded', 'for=203.0.113.7'],
      ['x-forwarded-for', '203.0.113.7'],
      ['x-forwarded-host', PUBLIC_HOST],
      ['x-forwarded-proto', 'https'],
      ['x-real-ip', '203.0.113.7'],
      ['via', '1.1 tunnel'],
      ['cf-connecting-ip', '203.0.113.7'],
      ['true-client-ip', '203.0.113.7'],
    ];
    // `lib/platform/http/web-server.ts` overwrites the forged `x-stagedoor-direct`.
    for (const [name, value] of proxyHeaders)
      expectHidden(await requestOutbox(local.url, { [name]: value, 'x-stagedoor-direct': '1' }), name);
    expectHidden(await requestOutbox(local.url, { host: 'evil.example' }), 'an unknown host name');
    const administrator = createSessionCookieHeader(await newSession('settings_administrator'));
    const allowed = await requestOutbox(local.url, { 'x-forwarded-for': '203.0.113.7', ...administrator });
    expect(allowed.status).toBe(200);
  });

  test('hides the messages at a public URL, except from administrators', async ({ newSession }) => {
    const { url } = behindTunnel;
    const viewer = createSessionCookieHeader(await newSession('settings_viewer'), PUBLIC_URL);
    const administrator = createSessionCookieHeader(await newSession('settings_administrator'), PUBLIC_URL);
    for (const host of [PUBLIC_HOST, new URL(url).host]) {
      expectHidden(await requestOutbox(url, { host }), `an anonymous caller at ${host}`);
      expectHidden(await requestOutbox(url, { host, ...viewer }), `a viewer at ${host}`);
      expect((await requestOutbox(url, { host, ...administrator })).status, host).toBe(200);
    }
  });

  test('hides the messages behind trusted proxies, except from administrators', async ({
    installation,
    newSession,
  }) => {
    // `installation` runs with TRUSTED_PROXIES=1.
    expectHidden(await requestOutbox(installation.webUrl), 'an anonymous caller');
    expectHidden(
      await requestOutbox(
        installation.webUrl,
        createSessionCookieHeader(await newSession('settings_viewer')),
      ),
      'a viewer',
    );
    const administrator = createSessionCookieHeader(await newSession('settings_administrator'));
    expect((await requestOutbox(installation.webUrl, administrator)).status).toBe(200);
  });
});

test.describe('test mode', () => {
  const SETTINGS_PATHS = [
    '/settings/users',
    '/settings/users/api-accounts',
    '/settings/text-messages',
    '/settings/audit-log',
    '/settings/your-account',
  ];
  const TEXT = 'Test mode: emails and texts are not sent.';
  const LINK = 'Open outbox';

  test('is shown on every page of a signed-in person, with a link if they can open the outbox', {
    tag: '@soak',
  }, async ({ newSession }) => {
    const { url } = behindTunnel;
    for (const [role, hasLink] of [
      ['settings_administrator', true],
      ['settings_viewer', false],
      [null, false],
    ] as const) {
      const headers = createSessionCookieHeader(await newSession(role), PUBLIC_URL);
      for (const path of SETTINGS_PATHS) {
        const { text } = await send(url, { path, headers: { host: PUBLIC_HOST, ...headers } });
        expect(text, `${path} as ${role}`).toContain(TEXT);
        expect(text.includes(LINK), `a link on ${path} as ${role}`).toBe(hasLink);
      }
    }
  });

  test('is shown with a link to a viewer if everyone on this machine can open the outbox', {
    tag: '@soak',
  }, async ({ newSession }) => {
    const headers = createSessionCookieHeader(await newSession('settings_viewer'));
    const { text } = await send(local.url, { path: '/settings/users', headers });
    expect(text).toContain(TEXT);
    expect(text).toContain(LINK);
    expect((await send(local.url, { path: '/sign-in' })).text).not.toContain(TEXT);
  });
});

test.describe('cookies', () => {
  test('binds every cookie to the host and to TLS if the public URL is https', async ({ newUser }) => {
    const { url } = behindTunnel;
    const { email, password } = await newUser('settings_viewer');
    const first = await fetch(`${url}/api/auth/csrf`);
    const { csrfToken } = (await first.json()) as { csrfToken: string };
    const csrfCookies = first.headers.getSetCookie();
    const signedIn = await fetch(`${url}/api/auth/callback/credentials`, {
      method: 'POST',
      headers: {
        origin: PUBLIC_URL,
        'sec-fetch-site': 'same-origin',
        cookie: csrfCookies.map((cookie) => cookie.split(';')[0]).join('; '),
      },
      body: new URLSearchParams({ csrfToken, email, password, json: 'true' }),
    });
    expect(signedIn.status).toBe(200);
    const cookies = [...csrfCookies, ...signedIn.headers.getSetCookie()];
    expect(cookies.some((cookie) => cookie.startsWith('__Host-stagedoor.session='))).toBe(true);
    for (const cookie of cookies) {
      expect(cookie).toMatch(/^__Host-stagedoor\.[a-z-]+=/);
      expect(cookie).toMatch(/; HttpOnly; Secure; SameSite=Lax$/);
      expect(cookie).toContain('; Path=/;');
      expect(cookie).not.toContain('Domain');
    }
  });
});
