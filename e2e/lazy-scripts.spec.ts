import type { Page } from '@playwright/test';
import { ACCOUNTS_PATH, enterCode, getDialog, readShownKey } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

const SCRIPTS = '**/_next/static/**/*.js';

/** Makes every script fail that the page has not loaded yet, as after an update of the server. */
const blockScripts = (page: Page) => page.route(SCRIPTS, (route) => route.abort());

test.describe('scripts that are loaded later', () => {
  test('are not needed to show the key once the code can be entered', async ({ openPage, apiAccount }) => {
    const { link, code, username } = await apiAccount();
    const page = await openPage();
    await page.goto(link);
    await expect(page.getByRole('button', { name: 'Show API key' })).toBeEnabled();
    await blockScripts(page);
    await enterCode(page, code);
    await readShownKey(page);
    await expect(page.getByText(username, { exact: true }).first()).toBeVisible();
    await page.getByRole('tab', { name: 'Python' }).click();
    await expect(page.getByRole('tabpanel')).toContainText('import');
  });

  test('open a dialog by keyboard, which returns the focus', { tag: '@soak' }, async ({
    administrator: page,
  }) => {
    await page.goto(ACCOUNTS_PATH);
    const button = page.getByRole('button', { name: 'New API Account' }).first();
    await expect(button).toBeEnabled();
    const requested = page.waitForRequest(SCRIPTS);
    await button.focus();
    await requested;
    await page.keyboard.press('Enter');
    const dialog = getDialog(page, 'New API Account');
    await expect(dialog.getByLabel('Username')).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(button).toBeFocused();
  });

  test('show that they are loading, and can be cancelled', { tag: '@soak' }, async ({
    administrator: page,
  }) => {
    await page.goto(ACCOUNTS_PATH);
    const button = page.getByRole('button', { name: 'New API Account' }).first();
    await expect(button).toBeEnabled();
    const release = Promise.withResolvers<void>();
    await page.route(SCRIPTS, async (route) => {
      await release.promise;
      await route.continue();
    });
    await button.click();
    const loading = page.getByRole('status').filter({ hasText: 'Loading…' });
    await expect(loading).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(loading).toHaveCount(0);
    await expect(button).toBeFocused();
    release.resolve();
    await page.unrouteAll({ behavior: 'wait' });
    await button.click();
    await expect(getDialog(page, 'New API Account')).toBeVisible();
  });

  test('leave a draft alone if they cannot be loaded', { tag: '@soak' }, async ({ administrator: page }) => {
    await page.goto(ACCOUNTS_PATH);
    const button = page.getByRole('button', { name: 'New API Account' }).first();
    await expect(button).toBeEnabled();
    const loadedFirst = await page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => name),
    );
    await button.click();
    const username = getDialog(page, 'New API Account').getByLabel('Username');
    await username.fill('Contoso');
    await page.route(SCRIPTS, (route) =>
      loadedFirst.includes(route.request().url()) ? route.continue() : route.abort(),
    );
    await page.reload();
    await expect(page.getByRole('heading', { name: 'This couldn’t be opened' })).toBeVisible();
    await page.unrouteAll({ behavior: 'wait' });
    await page.reload();
    await expect(username).toHaveValue('Contoso');
  });

  test('say what to do if they cannot be loaded', { tag: '@soak' }, async ({ administrator: page }) => {
    await page.goto(ACCOUNTS_PATH);
    const button = page.getByRole('button', { name: 'New API Account' }).first();
    await expect(button).toBeEnabled();
    await blockScripts(page);
    await button.click();
    await expect(page.getByRole('heading', { name: 'This couldn’t be opened' })).toBeVisible();
    await expect(button).toBeFocused();
    await page.unrouteAll({ behavior: 'wait' });
    await page.reload();
    await button.click();
    await expect(getDialog(page, 'New API Account').getByLabel('Username')).toBeFocused();
  });
});
