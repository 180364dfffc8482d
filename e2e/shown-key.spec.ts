import { chromium } from '@playwright/test';
import { containsCode } from '#lib/testing/contains-code.ts';
import { collectKey, containsKey, enterCode, readShownKey } from './fixtures/pages.ts';
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
    await expect(page.getByRole('heading', { name: 'This link doesn’t work' })).toBeVisible();
    expect(await containsKey(page)).toBe(false);
    // `goto` does not reload a page that is already at the same URL with a fragment.
    await page.goto('about:blank');
    await page.goto(delivery.link);
    await expect(page.getByRole('heading', { name: 'This link doesn’t work' })).toBeVisible();
    expect(await containsKey(page)).toBe(false);
  });

  test('is hidden after five idle minutes, which restart on any input', async ({ openPage, apiAccount }) => {
    const delivery = await apiAccount();
    const page = await openPage();
    await page.clock.install();
    await collectKey(page, delivery);
    await page.clock.runFor('04:50');
    expect(await containsKey(page)).toBe(true);
    await page.mouse.move(50, 60);
    await page.keyboard.press('Shift');
    await page.clock.runFor('04:50');
    expect(await containsKey(page)).toBe(true);
    await page.clock.runFor('00:15');
    await expect.poll(() => containsKey(page)).toBe(false);
    await expect(page.getByRole('heading', { name: 'The API key is hidden' })).toBeVisible();
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

  test('is not shown after Back if the back/forward cache is enabled', async ({
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
