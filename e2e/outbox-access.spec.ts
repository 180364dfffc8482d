import { type OutgoingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { cookiesFor } from '#lib/identity/sessions/cookies.ts';
import { startWebProcess, type WebProcess } from './fixtures/services.ts';
import { test as base, expect } from './fixtures/test.ts';
import type { TestSession } from './fixtures/users.ts';

const PUBLIC_URL = 'https://stagedoor.example';
const PUBLIC_HOST = 'stagedoor.example';

type Servers = {
  /** As `npm start` runs it with no settings. */
  local: WebProcess;
  /** Behind a proxy or tunnel that adds no header and is not named by TRUSTED_PROXIES. */
  behindTunnel: WebProcess;
};

const test = base.extend<object, Servers>({
  local: [
    async ({ where }, use) => {
      const web = await startWebProcess(where);
      await use(web);
      await web.stop();
    },
    { scope: 'worker' },
  ],
  behindTunnel: [
    async ({ where }, use) => {
      const web = await startWebProcess(where, { PUBLIC_URL });
      await use(web);
      await web.stop();
    },
    { scope: 'worker' },
  ],
});

type Answer = { status: number; body: string };

/** Gets `/outbox` with any headers; `fetch` chooses some of them itself. */
function getOutbox(url: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/outbox`, { headers }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    asked.on('error', reject).end();
  });
}

const cookieOf = ({ cookies }: TestSession, publicUrl = 'http://localhost') => ({
  cookie: `${cookiesFor(publicUrl).session}=${cookies.cookies[0]?.value}`,
});

function expectHidden({ status, body }: Answer, why: string): void {
  expect(status, why).toBe(404);
  expect(body, why).not.toMatch(/reveal#|set-password#|Nothing has left this machine/);
}

test('shows the messages to anyone on this machine by default', async ({ local, apiAccount, outbox }) => {
  const { email } = await apiAccount();
  await outbox.nextEmailTo(email);
  const { status, body } = await getOutbox(local.url);
  expect(status).toBe(200);
  expect(body).toContain(email);
});

test('hides the messages from a request that a proxy passed on', async ({ local, newSession }) => {
  const forwarded: [string, string][] = [
    ['forwarded', 'for=203.0.113.7'],
    ['x-forwarded-for', '203.0.113.7'],
    ['x-forwarded-host', PUBLIC_HOST],
    ['x-forwarded-proto', 'https'],
    ['x-real-ip', '203.0.113.7'],
    ['via', '1.1 tunnel'],
    ['cf-connecting-ip', '203.0.113.7'],
    ['true-client-ip', '203.0.113.7'],
  ];
  for (const [name, value] of forwarded)
    expectHidden(await getOutbox(local.url, { [name]: value, 'x-stagedoor-direct': '1' }), name);
  expectHidden(await getOutbox(local.url, { host: 'evil.example' }), 'a name that is not ours');
  const administrator = cookieOf(await newSession('settings_administrator'));
  const allowed = await getOutbox(local.url, { 'x-forwarded-for': '203.0.113.7', ...administrator });
  expect(allowed.status).toBe(200);
});

test('hides the messages under a public address, except from administrators', async ({
  behindTunnel: { url },
  newSession,
}) => {
  const viewer = cookieOf(await newSession('settings_viewer'), PUBLIC_URL);
  const administrator = cookieOf(await newSession('settings_administrator'), PUBLIC_URL);
  for (const host of [PUBLIC_HOST, new URL(url).host]) {
    expectHidden(await getOutbox(url, { host }), `a stranger at ${host}`);
    expectHidden(await getOutbox(url, { host, ...viewer }), `a viewer at ${host}`);
    expect((await getOutbox(url, { host, ...administrator })).status, host).toBe(200);
  }
});

test('hides the messages behind trusted proxies, except from administrators', async ({
  where,
  newSession,
}) => {
  expectHidden(await getOutbox(where.webUrl), 'a stranger');
  expectHidden(await getOutbox(where.webUrl, cookieOf(await newSession('settings_viewer'))), 'a viewer');
  const administrator = cookieOf(await newSession('settings_administrator'));
  expect((await getOutbox(where.webUrl, administrator)).status).toBe(200);
});

test('binds every cookie to the host and to TLS under https', async ({ behindTunnel: { url }, newUser }) => {
  const { email, password } = await newUser('settings_viewer');
  const first = await fetch(`${url}/api/auth/csrf`);
  const { csrfToken } = (await first.json()) as { csrfToken: string };
  const given = first.headers.getSetCookie();
  const signedIn = await fetch(`${url}/api/auth/callback/credentials`, {
    method: 'POST',
    headers: {
      origin: PUBLIC_URL,
      'sec-fetch-site': 'same-origin',
      cookie: given.map((cookie) => cookie.split(';')[0]).join('; '),
    },
    body: new URLSearchParams({ csrfToken, email, password, json: 'true' }),
  });
  expect(signedIn.status).toBe(200);
  const cookies = [...given, ...signedIn.headers.getSetCookie()];
  expect(cookies.some((cookie) => cookie.startsWith('__Host-stagedoor.session='))).toBe(true);
  for (const cookie of cookies) {
    expect(cookie).toMatch(/^__Host-stagedoor\.[a-z-]+=/);
    expect(cookie).toMatch(/; HttpOnly; Secure; SameSite=Lax$/);
    expect(cookie).toContain('; Path=/;');
    expect(cookie).not.toContain('Domain');
  }
});
