import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { chromium } from '@playwright/test';
import { sql } from 'drizzle-orm';
import { containsCode } from '#lib/testing/contains-code.ts';
import { collectKey, containsKey, enterCode, readShownKey } from './fixtures/pages.ts';
import { useWebProcess, WEB_START_TIMEOUT_MS } from './fixtures/services.ts';
import { expect, test } from './fixtures/test.ts';

test.describe('a shown key', () => {
  test('is not shown again after a reload or another opening of the link', async ({
    openPage,
    apiAccount,
  }) => {
    const delivery = await apiAccount();
    const page = await openPage();
    await collectKey(page, delivery);
    await page.reload();
    await expect(page.getByRole('heading', { name: 'The API key is hidden' })).toBeVisible();
    expect(await containsKey(page)).toBe(false);
    // `goto` does not reload a page that is already at the same URL with a fragment.
    await page.goto('about:blank');
    await page.goto(delivery.link);
    await expect(page.getByRole('heading', { name: 'This link has been used' })).toBeVisible();
    // The time is in the reader's time zone.
    await expect(page.getByRole('main').getByRole('time')).toHaveText(
      /^\d+ \w+ \d{4}, \d\d:\d\d:\d\d GMT\+5:45$/,
    );
    await expect(page.getByText('Not you? Tell Northwind Traders immediately')).toBeVisible();
    expect(await containsKey(page)).toBe(false);
  });

  test('asks before it is left, until it is saved', async ({ openPage, apiAccount }) => {
    const page = await openPage();
    const questions: string[] = [];
    page.on('dialog', (dialog) => {
      questions.push(dialog.type());
      return dialog.dismiss();
    });
    await collectKey(page, await apiAccount());
    await page.getByRole('button', { name: 'Copy username' }).click();
    // A reload that the reader cancels never loads, so this does not wait for it.
    await page.evaluate(() => void setTimeout(() => location.reload()));
    await expect.poll(() => questions).toEqual(['beforeunload']);
    expect(await containsKey(page)).toBe(true);
    const copyKey = page.getByRole('button', { name: 'Copy API key' });
    await copyKey.click();
    // The username is still shown as copied, too.
    await expect(copyKey.locator('..').getByRole('status')).toHaveText('Copied');
    await page.reload();
    expect(await containsKey(page)).toBe(false);
    expect(questions).toHaveLength(1);
  });

  test('is saved by copying both, as an .env file and in a password manager', { tag: '@soak' }, async ({
    openPage,
    apiAccount,
  }) => {
    const { username, ...delivery } = await apiAccount();
    const page = await openPage();
    const asksBeforeLeaving = () =>
      page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })));
    await page.addInitScript(() => {
      const stored: unknown[] = [];
      const revoked: string[] = [];
      URL.revokeObjectURL = (url) => void revoked.push(url);
      const PasswordCredential = class {
        constructor(form: HTMLFormElement) {
          Object.assign(this, Object.fromEntries(new FormData(form)));
        }
      };
      Object.assign(window, { stored, revoked, PasswordCredential });
      navigator.credentials.store = async (credential) => void stored.push(credential);
    });
    const key = await collectKey(page, delivery);
    const [name, password] = [page.locator('[autocomplete=username]'), page.locator('[type=password]')];
    await expect(name).toHaveValue(username);
    await expect(password).toHaveAttribute('autocomplete', 'new-password');
    await page.getByRole('button', { name: 'Save in password manager' }).click();
    await expect(page.getByText('offers to save them, accept')).toBeVisible();
    expect(await page.evaluate(() => 'stored' in window && window.stored)).toEqual([
      { username, password: key },
    ]);
    // The browser does not tell whether the reader accepted.
    expect(await asksBeforeLeaving()).toBe(true);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download .env' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('northwind-traders.env');
    expect(download.url()).toMatch(/^blob:/);
    expect(parseEnv(await readFile(await download.path(), 'utf8'))).toEqual({
      API_BASE_URL: 'https://api.example.org/v1',
      API_USERNAME: username,
      API_KEY: key,
    });
    expect(await asksBeforeLeaving()).toBe(false);
    await page.getByRole('button', { name: 'Copy both' }).click();
    await expect
      .poll(() => page.evaluate(() => navigator.clipboard.readText()))
      .toBe(`Username: ${username}\nAPI key: ${key}\n`);
    // The file does not outlive the key on the page.
    const revoked = await page.evaluate(() => {
      dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      return 'revoked' in window && window.revoked;
    });
    expect(revoked).toEqual([download.url()]);
  });

  test('leads to the first request, and is tested at the verifier', async ({
    openPage,
    apiAccount,
    verify,
  }) => {
    const { username, ...delivery } = await apiAccount();
    const page = await openPage();
    const key = await collectKey(page, delivery);
    await expect(page.getByText('The API is at https://api.example.org/v1.')).toBeVisible();
    await expect(page.getByRole('link', { name: 'Read the API documentation' })).toHaveAttribute(
      'href',
      'https://docs.example.org/',
    );
    const example = page.getByRole('tabpanel');
    await expect(example).toContainText(`--user '${username}:'"$API_KEY"`);
    await page.getByRole('tab', { name: 'Python' }).click();
    await expect(example).toContainText("os.environ['API_KEY']");
    const done = page.getByRole('region', { name: 'Done' });
    await expect(done).toContainText('Ask Grace Hopper at Northwind Traders: api@example.org');
    await expect(done.getByRole('status')).toHaveText('Waiting for your first request…');
    expect(await verify(key, username)).toMatchObject({ status: 200 });
    await expect(done.getByText(/First request received \d+ seconds? ago/)).toBeVisible();
    await page.getByRole('button', { name: 'Test this key' }).click();
    await expect(page.getByText('Your key works.')).toBeVisible();
    const response = page.getByRole('region', { name: 'Response' });
    await expect(response).toContainText(`X-API-Account: ${username}`);
    await expect(response).toContainText(`"username":"${username}"`);
  });

  test('says what to replace, whom to ask and that the verifier is unavailable, without settings', {
    tag: '@soak',
  }, async ({ openPage, apiAccount, installation, actor }) => {
    test.setTimeout(WEB_START_TIMEOUT_MS);
    const delivery = await apiAccount();
    const page = await openPage();
    // No verifier listens on the port that is the default.
    await useWebProcess(installation, { VERIFIER_PORT: '1' }, async ({ webUrl }) => {
      await collectKey(page, { ...delivery, link: delivery.link.replace(installation.webUrl, webUrl) });
      await expect(page.getByText('replace https://api.example.com/ with the address')).toBeVisible();
      await expect(page.getByRole('link', { name: 'Read the API documentation' })).toHaveCount(0);
      await expect(page.getByText(`Ask ${actor.name} at`)).toBeVisible();
      await page.getByRole('button', { name: 'Test this key' }).click();
      await expect(page.getByText('That says nothing about your key')).toBeVisible();
      await expect(page.getByRole('region', { name: 'Response' })).toHaveCount(0);
      await page.goto('about:blank');
    });
  });

  test('is hidden after five idle minutes, with a warning after four, and kept by any input', async ({
    openPage,
    apiAccount,
    database,
  }) => {
    const delivery = await apiAccount();
    const page = await openPage();
    await page.clock.install();
    await collectKey(page, delivery);
    const warning = page.getByRole('alert').filter({ hasText: 'We’ll hide the key' });
    const inputs = [
      () => page.keyboard.press('Shift'),
      () => page.mouse.move(50, 60),
      // As a screen reader does, without moving the pointer.
      () => page.getByRole('button', { name: 'Keep it on the page' }).dispatchEvent('click'),
    ];
    for (const giveInput of inputs) {
      await page.clock.runFor('03:58');
      await expect(warning).toHaveCount(0);
      await page.clock.runFor('00:03');
      await expect(warning).toBeVisible();
      await page.clock.runFor('00:50');
      expect(await containsKey(page)).toBe(true);
      await giveInput();
      await expect(warning).toHaveCount(0);
    }
    await page.clock.runFor('04:50');
    expect(await containsKey(page)).toBe(true);
    await page.clock.runFor('00:15');
    await expect.poll(() => containsKey(page)).toBe(false);
    await expect(page.getByRole('heading', { name: 'The API key is hidden' })).toBeVisible();
    // The key is not needed for that, but must be the current one.
    await expect(page.getByText('Waiting for your first request…')).toBeVisible();
    await database.execute(
      sql`update reveals set ended_at = ended_at - interval '25 hours' where email = ${delivery.email}`,
    );
    await expect(async () => {
      await page.clock.runFor('00:10');
      await expect(page.getByText('This page no longer waits')).toBeVisible({ timeout: 500 });
    }).toPass();
    // As if a new link was pasted into the address bar of this tab.
    const { link } = await apiAccount();
    await page.evaluate((hash) => {
      location.hash = hash;
    }, new URL(link).hash);
    await expect(page.getByLabel('Authentication code')).toBeVisible();
  });

  test('is in no storage, history, cookie or request of the browser', async ({ openPage, apiAccount }) => {
    const delivery = await apiAccount();
    const page = await openPage();
    const requests: string[] = [];
    page.on('request', (request) => {
      requests.push(`${request.url()} ${JSON.stringify(request.headers())}`);
    });
    const key = await collectKey(page, delivery);
    const storage = await page.evaluate(async () =>
      JSON.stringify([
        { ...localStorage },
        { ...sessionStorage },
        document.cookie,
        history.state,
        location.href,
        await indexedDB.databases(),
        await caches.keys(),
      ]),
    );
    expect(storage).not.toContain(key);
    const token = new URL(delivery.link).hash.slice(1);
    expect(requests.join('\n')).not.toContain(key);
    expect(requests.join('\n')).not.toContain(token);
    expect(containsCode(requests.join('\n'), delivery.code)).toBe(false);
  });

  test('is on a page that requests nothing from other origins', async ({
    openPage,
    apiAccount,
    installation,
  }) => {
    const delivery = await apiAccount();
    const page = await openPage();
    const origins = new Set<string>();
    page.on('request', (request) => origins.add(new URL(request.url()).origin));
    await collectKey(page, delivery);
    expect([...origins]).toEqual([installation.webUrl]);
  });

  test('is not shown after Back if the back/forward cache is enabled', { tag: '@soak' }, async ({
    apiAccount,
    installation,
  }) => {
    const delivery = await apiAccount();
    const executablePath = process.env.STAGEDOOR_BROWSER;
    const browser = await chromium.launch({
      ...(executablePath ? { executablePath } : {}),
      chromiumSandbox: false,
      // Playwright disables this cache by default.
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
    });
    try {
      const page = await browser.newPage({ baseURL: installation.webUrl });
      await page.goto(delivery.link);
      await enterCode(page, delivery.code);
      await readShownKey(page);
      await page.goto('/sign-in');
      await page.goBack({ waitUntil: 'commit' });
      await expect(page.getByRole('main')).toBeVisible();
      expect(await containsKey(page)).toBe(false);
    } finally {
      await browser.close();
    }
  });

  test('is removed from the document before the page enters the back/forward cache', async ({
    openPage,
    apiAccount,
  }) => {
    const delivery = await apiAccount();
    const page = await openPage();
    await collectKey(page, delivery);
    // Fires the event with which a page enters the cache, and reads the document in the same task.
    const isRemoved = await page.evaluate(() => {
      dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      return !/stagekey[0-9A-Za-z]{56}/.test(document.documentElement.outerHTML);
    });
    expect(isRemoved).toBe(true);
  });
});
