import { chromium } from '@playwright/test';
import { containsCode } from '#lib/testing/contains-code.ts';
import { enterCode, holdsKey, reveal, shownKey } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

test('reloading and opening the link again show no key', async ({ openPage, apiAccount }) => {
  const handover = await apiAccount();
  const page = await openPage();
  await reveal(page, handover);
  await page.reload();
  await expect(page.getByText(/reset/i).first()).toBeVisible();
  expect(await holdsKey(page)).toBe(false);
  await page.goto('about:blank');
  await page.goto(handover.link);
  await expect(page.getByText(/reset/i).first()).toBeVisible();
  expect(await holdsKey(page)).toBe(false);
});

test('five idle minutes hide the key; a move of the hand puts that off', async ({ openPage, apiAccount }) => {
  const handover = await apiAccount();
  const page = await openPage();
  await page.clock.install();
  await reveal(page, handover);
  await page.clock.runFor('04:50');
  expect(await holdsKey(page)).toBe(true);
  await page.mouse.move(50, 60);
  await page.keyboard.press('Shift');
  await page.clock.runFor('04:50');
  expect(await holdsKey(page)).toBe(true);
  await page.clock.runFor('00:15');
  await expect.poll(() => holdsKey(page)).toBe(false);
  await expect(page.getByRole('main')).toContainText(/hidden/i);
});

test('the key is nowhere in the browser: storage, history, cookies, requests', async ({
  openPage,
  apiAccount,
}) => {
  const handover = await apiAccount();
  const page = await openPage();
  const asked: string[] = [];
  page.on('request', (request) => {
    asked.push(`${request.url()} ${JSON.stringify(request.headers())}`);
  });
  const key = await reveal(page, handover);
  const kept = await page.evaluate(async () =>
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
  expect(kept).not.toContain(key);
  const token = new URL(handover.link).hash.slice(1);
  expect(asked.join('\n')).not.toContain(key);
  expect(asked.join('\n')).not.toContain(token);
  expect(containsCode(asked.join('\n'), handover.code)).toBe(false);
});

test('the page loads nothing from elsewhere', async ({ openPage, apiAccount, where }) => {
  const handover = await apiAccount();
  const page = await openPage();
  const origins = new Set<string>();
  page.on('request', (request) => origins.add(new URL(request.url()).origin));
  await reveal(page, handover);
  expect([...origins]).toEqual([where.webUrl]);
});

test('going elsewhere and back shows no key, out of the back/forward cache too', async ({
  apiAccount,
  where,
}) => {
  const handover = await apiAccount();
  const executablePath = process.env.STAGEDOOR_BROWSER;
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    chromiumSandbox: false,
    // Playwright switches the cache off.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
  try {
    const page = await browser.newPage({ baseURL: where.webUrl });
    await page.goto(handover.link);
    await enterCode(page, handover.code);
    await shownKey(page);
    await page.evaluate(() => {
      addEventListener('pageshow', (event) => {
        document.documentElement.dataset.fromCache = String(event.persisted);
      });
    });
    await page.goto('/sign-in');
    await page.goBack({ waitUntil: 'commit' });
    await expect(page.getByRole('main')).toBeVisible();
    expect(await holdsKey(page)).toBe(false);
  } finally {
    await browser.close();
  }
});

test('leaving the page wipes the key before anything can keep it', async ({ openPage, apiAccount }) => {
  const handover = await apiAccount();
  const page = await openPage();
  await reveal(page, handover);
  // What a page that goes into the back/forward cache is told, in the same task.
  const wiped = await page.evaluate(() => {
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    return !/stagekey[0-9A-Za-z]{56}/.test(document.documentElement.outerHTML);
  });
  expect(wiped).toBe(true);
});
