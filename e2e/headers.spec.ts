import { FIRST_ADMINISTRATOR } from './fixtures/global-setup.ts';
import { LIST, signIn, TEXT_MESSAGES } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

const PATHS = [
  '/',
  '/sign-in',
  LIST,
  TEXT_MESSAGES,
  '/reveal',
  '/not-us',
  '/forgotten-password',
  '/set-password',
  '/outbox',
  '/no/such/page',
  '/api/auth/session',
  '/api/auth/csrf',
];

for (const path of PATHS) {
  test(`the security headers stand on the answer to ${path}`, async ({ where }) => {
    const response = await fetch(`${where.webUrl}${path}`, { redirect: 'manual' });
    const { headers } = response;
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d{8,}/);
    expect(headers.get('cache-control')).toContain('no-store');
    expect(headers.has('x-powered-by')).toBe(false);
    const policy = headers.get('content-security-policy') ?? '';
    const directives = Object.fromEntries(
      policy.split(';').map((directive) => {
        const [name = '', ...values] = directive.trim().split(/\s+/);
        return [name, values];
      }),
    );
    expect(directives['frame-ancestors']).toEqual(["'none'"]);
    expect(directives['object-src']).toEqual(["'none'"]);
    expect(directives['base-uri']).toEqual(["'none'"]);
    const scripts = directives['script-src'] ?? [];
    expect(scripts).toContainEqual(expect.stringMatching(/^'nonce-[\w+/=-]{16,}'$/));
    expect(scripts).not.toContain("'unsafe-inline'");
    expect(scripts).not.toContain("'unsafe-eval'");
  });
}

test('no two answers have the same nonce', async ({ where }) => {
  const nonce = async () =>
    /'nonce-([^']+)'/.exec(
      (await fetch(`${where.webUrl}/sign-in`)).headers.get('content-security-policy') ?? '',
    )?.[1];
  const [first, second] = [await nonce(), await nonce()];
  expect(first).toBeTruthy();
  expect(first).not.toBe(second);
});

test('what the pages load says what it is, and nothing more', async ({ openPage, where }) => {
  const page = await openPage();
  const assets: string[] = [];
  page.on('response', (response) => {
    if (new URL(response.url()).pathname.startsWith('/_next/')) assets.push(response.url());
  });
  await page.goto('/sign-in');
  await page.getByRole('button', { name: 'Sign in' }).and(page.locator(':enabled')).waitFor();
  expect(assets.length).toBeGreaterThan(0);
  for (const asset of assets) {
    const { headers } = await fetch(asset);
    expect(headers.get('x-content-type-options'), asset).toBe('nosniff');
    expect(headers.has('x-powered-by'), asset).toBe(false);
  }
  expect((await fetch(`${where.webUrl}/_next/image?url=%2Ficon.svg&w=64&q=75`)).ok).toBe(false);
});

test('the cookies are bound to the host, out of scripts’ reach, and stay on this site', async ({
  openPage,
}) => {
  const page = await openPage();
  await signIn(page, FIRST_ADMINISTRATOR);
  const cookies = await page.context().cookies();
  expect(cookies.length).toBeGreaterThan(0);
  for (const cookie of cookies) {
    expect(cookie.name).toMatch(/^stagedoor\./);
    expect(cookie).toMatchObject({ domain: 'localhost', httpOnly: true, path: '/' });
    expect(['Lax', 'Strict']).toContain(cookie.sameSite);
  }
  expect(await page.evaluate(() => document.cookie)).toBe('');
});

test('signing in again gives the session another id', async ({ openPage, newUser }) => {
  const person = await newUser('settings_viewer');
  const page = await openPage();
  const session = async () =>
    (await page.context().cookies()).find((cookie) => cookie.name.includes('session'))?.value;
  await signIn(page, person);
  const first = await session();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('/sign-in**');
  await signIn(page, person);
  expect(first).toBeTruthy();
  expect(await session()).not.toBe(first);
});
