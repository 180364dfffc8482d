import type { Locator, Page } from '@playwright/test';
import { avoidTimeBoundary } from '#lib/testing/clock.ts';
import { ACCOUNTS_PATH, getDialog, openEditor, openUsage } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';
import { countRequests, insertUsage, setLastUsed } from './fixtures/usage.ts';

const SERIES_LABELS = ['Allowed', 'Blocked: account inactive', 'Blocked: over limit'];

/** Reads the figures below the chart, of the selected bar or of all bars, in the order of the series. */
async function readFigures(editor: Locator): Promise<string[]> {
  const figure = editor.getByRole('figure');
  await expect(figure.getByRole('term')).toHaveText(SERIES_LABELS);
  return figure.getByRole('definition').allTextContents();
}

async function save(editor: Locator): Promise<void> {
  await editor.getByRole('button', { name: 'Save' }).click();
  await expect(editor).toBeHidden();
}

/**
 * Intercepts the page's calls of server actions: aborts each while `shouldAbort` returns true, and otherwise passes
 * `handle` the function that continues it.
 */
async function interceptActions(
  page: Page,
  handle: (continueCall: () => Promise<void>) => Promise<void>,
  shouldAbort: () => boolean,
) {
  await page.route(`**${ACCOUNTS_PATH}**`, async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    if (shouldAbort()) return route.abort();
    await handle(() => route.continue());
  });
}

test.describe('usage', () => {
  test('shows the requests that the verifier has allowed and blocked', { tag: '@soak' }, async ({
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
    let editor = await openEditor(page, details);
    await editor.getByRole('checkbox', { name: 'This API account is active' }).uncheck();
    await save(editor);
    expect(await verifyRepeatedly(2)).toEqual([403, 403]);
    editor = await openEditor(page, details);
    await editor.getByRole('checkbox', { name: 'This API account is active' }).check();
    await editor.getByLabel('Requests per minute').fill('1');
    await save(editor);
    // The limit is one per minute, so at least two of four are refused, even if a minute ends in between.
    expect((await verifyRepeatedly(4)).filter((status) => status === 429).length).toBeGreaterThanOrEqual(2);
    await expect.poll(() => countRequests(database, details.username)).toBe(9);
    editor = await openUsage(page, details);
    await expect(editor).toContainText(/Last used ?(Just now|1 minute ago) from [\da-f.:]+/);
    const [allowed, inactive, limited] = (await readFigures(editor)).map(Number);
    expect(inactive).toBe(2);
    expect([4, 5]).toContain(allowed);
    expect(Number(allowed) + Number(limited)).toBe(7);
  });

  test('shows hours and days by pointer, keyboard and screen reader', { tag: '@soak' }, async ({
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
    const editor = await openUsage(page, details);
    const chart = editor.getByRole('figure');
    await expect(editor).toContainText(/Last used ?3 minutes ago/);
    expect(await readFigures(editor)).toEqual(['1,207', '2', '34']);
    await expect(chart).toContainText('Hours in your time zone');
    await expect(chart.getByRole('row')).toHaveCount(25);
    // The joined texts of a row's cells: the hour in the browser's time zone (GMT+5:45), 7, 2 and 0.
    await expect(chart.getByRole('row').nth(19)).toContainText(/\d\d:45–\d\d:45 GMT\+5:45720$/);
    await expect(chart.getByRole('row').last()).toContainText('1,200034');

    await editor.getByRole('tab', { name: '24 hours' }).focus();
    await page.keyboard.press('Tab');
    await expect(chart.getByRole('slider', { name: 'Hour' })).toBeFocused();
    for (let press = 0; press < 5; press += 1) await page.keyboard.press('ArrowLeft');
    expect(await readFigures(editor)).toEqual(['7', '2', '0']);
    await expect(chart.getByRole('slider')).toHaveAttribute(
      'aria-valuetext',
      /GMT\+5:45\. Allowed 7\. Blocked: account inactive 2\./,
    );
    await page.keyboard.press('Shift+Tab');
    await expect(editor.getByRole('tab', { name: '24 hours' })).toBeFocused();
    await page.keyboard.press('ArrowRight');
    await expect(editor.getByRole('tab', { name: '30 days' })).toHaveAttribute('aria-selected', 'true');
    await expect(chart).toContainText('Days start at midnight UTC');
    await expect(chart.getByRole('row')).toHaveCount(31);
    expect(await readFigures(editor)).toEqual(['51,207', '2', '34']);

    const bars = chart.locator('svg').first();
    const { width = 0 } = (await bars.boundingBox()) ?? {};
    // The middle of the fourth of 30 bars: 26 days ago.
    await bars.hover({ position: { x: (3.5 / 30) * width, y: 60 } });
    expect(await readFigures(editor)).toEqual(['50,000', '0', '0']);
    await editor.getByLabel('Phone number').hover();
    expect(await readFigures(editor)).toEqual(['51,207', '2', '34']);
  });

  test('shows when there is no usage, when it loads and when it cannot load', { tag: '@soak' }, async ({
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
    let editor = await openUsage(page, details);
    const usageRegion = editor.getByRole('region', { name: 'Usage' });
    await expect(usageRegion).toContainText('Loading…');
    // The skeleton of the whole account has announced it.
    await expect(editor.getByRole('status').filter({ hasText: 'Loading…' })).toHaveCount(0);
    const skeletonBox = await usageRegion.boundingBox();
    await editor.getByLabel('Requests per minute').fill('60');
    released.resolve();
    await expect(editor).toContainText('No requests yet');
    expect((await usageRegion.boundingBox())?.height).toBe(skeletonBox?.height);
    await expect(editor.getByLabel('Requests per minute')).toHaveValue('60');
    await editor.getByRole('button', { name: 'Cancel' }).click();
    await getDialog(page, 'Discard your changes?').getByRole('button', { name: 'Discard changes' }).click();
    await expect(editor).toBeHidden();

    isFailing = true;
    editor = await openUsage(page, details);
    const usage = editor.getByRole('region', { name: 'Usage' });
    await expect(usage.getByRole('alert')).toContainText('couldn’t be loaded');
    await editor.getByLabel('Requests per minute').fill('70');
    isFailing = false;
    await usage.getByRole('button', { name: 'Try again' }).click();
    await expect(editor).toContainText('No requests yet');
    await save(editor);
    await expect(page.getByText('up to 70 requests a minute are allowed')).toBeVisible();
  });
});
