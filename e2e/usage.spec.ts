import type { Locator, Page } from '@playwright/test';
import { waitForCalm } from '#lib/testing/clock.ts';
import { LIST, openEditor, openUse } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';
import { countEarlier, countedFor, useEarlier } from './fixtures/usage.ts';

const SERIES = ['Allowed', 'Refused: not active', 'Refused: over the limit'];

/** The figures below the chart, in the order of the series. */
async function figures(box: Locator): Promise<string[]> {
  const figure = box.getByRole('figure');
  await expect(figure.getByRole('term')).toHaveText(SERIES);
  return figure.getByRole('definition').allTextContents();
}

async function save(box: Locator): Promise<void> {
  await box.getByRole('button', { name: 'Save' }).click();
  await expect(box).toBeHidden();
}

/** Lets the page's server actions meet this instead of the server. */
async function meetActions(
  page: Page,
  instead: (go: () => Promise<void>) => Promise<void>,
  stop: () => boolean,
) {
  await page.route(`**${LIST}**`, async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    if (stop()) return route.abort();
    await instead(() => route.continue());
  });
}

test.describe('use', () => {
  test('what the verifier answered is seen in the editor', async ({
    administrator: page,
    apiAccount,
    database,
    verify,
  }) => {
    const details = await apiAccount({ status: 'active' });
    const { key } = details;
    const answers = async (times: number) => {
      const statuses: number[] = [];
      for (let turn = 0; turn < times; turn += 1) statuses.push((await verify(key)).status);
      return statuses;
    };
    expect(await answers(3)).toEqual([200, 200, 200]);
    let box = await openEditor(page, details);
    await box.getByRole('checkbox', { name: 'This API account is active' }).uncheck();
    await save(box);
    expect(await answers(2)).toEqual([403, 403]);
    box = await openEditor(page, details);
    await box.getByRole('checkbox', { name: 'This API account is active' }).check();
    await box.getByLabel('Requests per minute').fill('1');
    await save(box);
    // At most one a minute: of four, two are refused even where a minute ends in between.
    expect((await answers(4)).filter((status) => status === 429).length).toBeGreaterThanOrEqual(2);
    await expect.poll(() => countedFor(database, details.username)).toBe(9);
    box = await openUse(page, details);
    await expect(box).toContainText(/Last used ?(Just now|1 minute ago)/);
    const [allowed, inactive, limited] = (await figures(box)).map(Number);
    expect(inactive).toBe(2);
    expect([4, 5]).toContain(allowed);
    expect(Number(allowed) + Number(limited)).toBe(7);
  });

  test('hours and days, by pointer, by keyboard and as a table', async ({
    administrator: page,
    apiAccount,
    database,
  }) => {
    const details = await apiAccount();
    await waitForCalm(database.$client, 'hour', 20_000);
    await countEarlier(database, details.username, [
      { hoursAgo: 0, allowed: 1_200, limited: 34 },
      { hoursAgo: 5, allowed: 7, inactive: 2 },
      { hoursAgo: 26 * 24, allowed: 50_000 },
    ]);
    await useEarlier(database, details.username, 3);
    const box = await openUse(page, details);
    const chart = box.getByRole('figure');
    await expect(box).toContainText(/Last used ?3 minutes ago/);
    expect(await figures(box)).toEqual(['1,207', '2', '34']);
    await expect(chart).toContainText('Hours in UTC');
    await expect(chart.getByRole('row')).toHaveCount(25);
    await expect(chart.getByRole('row').nth(19)).toContainText(/\d\d:00–\d\d:00720$/);
    await expect(chart.getByRole('row').last()).toContainText('1,200034');

    await box.getByRole('tab', { name: '24 hours' }).focus();
    await page.keyboard.press('Tab');
    await expect(chart.getByRole('slider', { name: 'Hour' })).toBeFocused();
    for (let press = 0; press < 5; press += 1) await page.keyboard.press('ArrowLeft');
    expect(await figures(box)).toEqual(['7', '2', '0']);
    await expect(chart.getByRole('slider')).toHaveAttribute(
      'aria-valuetext',
      /00\. Allowed 7\. Refused: not active 2\./,
    );
    await page.keyboard.press('Shift+Tab');
    await expect(box.getByRole('tab', { name: '24 hours' })).toBeFocused();
    await page.keyboard.press('ArrowRight');
    await expect(box.getByRole('tab', { name: '30 days' })).toHaveAttribute('aria-selected', 'true');
    await expect(chart).toContainText('Days in UTC');
    await expect(chart.getByRole('row')).toHaveCount(31);
    expect(await figures(box)).toEqual(['51,207', '2', '34']);

    const bars = chart.locator('svg').first();
    const { width = 0 } = (await bars.boundingBox()) ?? {};
    await bars.hover({ position: { x: (3.5 / 30) * width, y: 60 } });
    expect(await figures(box)).toEqual(['50,000', '0', '0']);
    await box.getByLabel('Phone number').hover();
    expect(await figures(box)).toEqual(['51,207', '2', '34']);
  });

  test('says so before there is any, while it loads, and where it cannot load', async ({
    administrator: page,
    apiAccount,
  }) => {
    const details = await apiAccount();
    await expect(await openUse(page, details)).toContainText('Not used yet');

    const held = Promise.withResolvers<void>();
    let fail = false;
    await meetActions(
      page,
      (go) => held.promise.then(go),
      () => fail,
    );
    let box = await openUse(page, details);
    await expect(box).toContainText('Loading…');
    await box.getByLabel('Requests per minute').fill('60');
    held.resolve();
    await expect(box).toContainText('Not used yet');
    await expect(box.getByLabel('Requests per minute')).toHaveValue('60');

    fail = true;
    box = await openUse(page, details);
    await expect(box.getByRole('alert')).toContainText('could not be loaded');
    await box.getByLabel('Requests per minute').fill('70');
    fail = false;
    await box.getByRole('button', { name: 'Try again' }).click();
    await expect(box).toContainText('Not used yet');
    await save(box);
    await expect(page.getByText('at most 70 requests a minute are let through')).toBeVisible();
  });
});
