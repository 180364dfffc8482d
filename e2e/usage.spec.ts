import type { Locator, Page } from '@playwright/test';
import { avoidTimeBoundary } from '#lib/testing/clock.ts';
import { ACCOUNTS_PATH, openEditor, openUsage } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';
import { countRequests, insertUsage, setLastUsed } from './fixtures/usage.ts';

const SERIES_LABELS = ['Allowed', 'Blocked: account inactive', 'Blocked: over limit'];

/** Reads the totals below the chart, in the order of the series. */
async function readTotals(box: Locator): Promise<string[]> {
  const figure = box.getByRole('figure');
  await expect(figure.getByRole('term')).toHaveText(SERIES_LABELS);
  return figure.getByRole('definition').allTextContents();
}

async function save(box: Locator): Promise<void> {
  await box.getByRole('button', { name: 'Save' }).click();
  await expect(box).toBeHidden();
}

/** Intercepts the page's calls of server actions: aborts each, or passes `handle` the function that continues it. */
async function interceptActions(
  page: Page,
  handle: (continueCall: () => Promise<void>) => Promise<void>,
  isAborted: () => boolean,
) {
  await page.route(`**${ACCOUNTS_PATH}**`, async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    if (isAborted()) return route.abort();
    await handle(() => route.continue());
  });
}

test.describe('usage tab', () => {
  test('shows the requests that the verifier has allowed and blocked', async ({
    administrator: page,
    apiAccount,
    database,
    verify,
  }) => {
    const details = await apiAccount({ status: 'active' });
    const { key } = details;
    const verifyRepeatedly = async (times: number) => {
      const statuses: number[] = [];
      for (let request = 0; request < times; request += 1) statuses.push((await verify(key)).status);
      return statuses;
    };
    expect(await verifyRepeatedly(3)).toEqual([200, 200, 200]);
    let box = await openEditor(page, details);
    await box.getByRole('checkbox', { name: 'This API account is active' }).uncheck();
    await save(box);
    expect(await verifyRepeatedly(2)).toEqual([403, 403]);
    box = await openEditor(page, details);
    await box.getByRole('checkbox', { name: 'This API account is active' }).check();
    await box.getByLabel('Requests per minute').fill('1');
    await save(box);
    // The limit is one per minute, so at least two of four are refused, even if a minute ends in between.
    expect((await verifyRepeatedly(4)).filter((status) => status === 429).length).toBeGreaterThanOrEqual(2);
    await expect.poll(() => countRequests(database, details.username)).toBe(9);
    box = await openUsage(page, details);
    await expect(box).toContainText(/Last used ?(Just now|1 minute ago)/);
    const [allowed, inactive, limited] = (await readTotals(box)).map(Number);
    expect(inactive).toBe(2);
    expect([4, 5]).toContain(allowed);
    expect(Number(allowed) + Number(limited)).toBe(7);
  });

  test('shows hours and days by pointer, keyboard and screen reader', async ({
    administrator: page,
    apiAccount,
    database,
  }) => {
    const details = await apiAccount();
    await avoidTimeBoundary(database.$client, 'hour', 20_000);
    await insertUsage(database, details.username, [
      { hoursAgo: 0, allowed: 1_200, limited: 34 },
      { hoursAgo: 5, allowed: 7, inactive: 2 },
      { hoursAgo: 26 * 24, allowed: 50_000 },
    ]);
    await setLastUsed(database, details.username, 3);
    const box = await openUsage(page, details);
    const chart = box.getByRole('figure');
    await expect(box).toContainText(/Last used ?3 minutes ago/);
    expect(await readTotals(box)).toEqual(['1,207', '2', '34']);
    await expect(chart).toContainText('Hours in your time zone');
    await expect(chart.getByRole('row')).toHaveCount(25);
    await expect(chart.getByRole('row').nth(19)).toContainText(/\d\d:45–\d\d:45 GMT\+5:45720$/);
    await expect(chart.getByRole('row').last()).toContainText('1,200034');

    await box.getByRole('tab', { name: '24 hours' }).focus();
    await page.keyboard.press('Tab');
    await expect(chart.getByRole('slider', { name: 'Hour' })).toBeFocused();
    for (let press = 0; press < 5; press += 1) await page.keyboard.press('ArrowLeft');
    expect(await readTotals(box)).toEqual(['7', '2', '0']);
    await expect(chart.getByRole('slider')).toHaveAttribute(
      'aria-valuetext',
      /GMT\+5:45\. Allowed 7\. Blocked: account inactive 2\./,
    );
    await page.keyboard.press('Shift+Tab');
    await expect(box.getByRole('tab', { name: '24 hours' })).toBeFocused();
    await page.keyboard.press('ArrowRight');
    await expect(box.getByRole('tab', { name: '30 days' })).toHaveAttribute('aria-selected', 'true');
    await expect(chart).toContainText('Days start at midnight UTC');
    await expect(chart.getByRole('row')).toHaveCount(31);
    expect(await readTotals(box)).toEqual(['51,207', '2', '34']);

    const bars = chart.locator('svg').first();
    const { width = 0 } = (await bars.boundingBox()) ?? {};
    await bars.hover({ position: { x: (3.5 / 30) * width, y: 60 } });
    expect(await readTotals(box)).toEqual(['50,000', '0', '0']);
    await box.getByLabel('Phone number').hover();
    expect(await readTotals(box)).toEqual(['51,207', '2', '34']);
  });

  test('shows when there is no usage, when it loads and when it cannot load', async ({
    administrator: page,
    apiAccount,
  }) => {
    const details = await apiAccount();
    await expect(await openUsage(page, details)).toContainText('No requests yet');

    const released = Promise.withResolvers<void>();
    let isFailing = false;
    await interceptActions(
      page,
      (continueCall) => released.promise.then(continueCall),
      () => isFailing,
    );
    let box = await openUsage(page, details);
    await expect(box).toContainText('Loading…');
    await box.getByLabel('Requests per minute').fill('60');
    released.resolve();
    await expect(box).toContainText('No requests yet');
    await expect(box.getByLabel('Requests per minute')).toHaveValue('60');

    isFailing = true;
    box = await openUsage(page, details);
    await expect(box.getByRole('alert')).toContainText('couldn’t be loaded');
    await box.getByLabel('Requests per minute').fill('70');
    isFailing = false;
    await box.getByRole('button', { name: 'Try again' }).click();
    await expect(box).toContainText('No requests yet');
    await save(box);
    await expect(page.getByText('up to 70 requests a minute are allowed')).toBeVisible();
  });
});
