import type { Page } from '@playwright/test';
import { generateKey } from '#lib/api-keys/api-key.ts';
import { createTestAccessToken } from '#lib/testing/access-tokens.ts';
import { findViolations } from './fixtures/accessibility.ts';
import {
  ACCESS_TOKENS_PATH,
  ACCOUNTS_PATH,
  collectKey,
  containsKey,
  findAccount,
  getDialog,
  submitSignIn,
} from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

const OUTCOME = 'If this key was live, it no longer works.';
const getKeyField = (page: Page) => page.getByLabel('API key', { exact: true });

async function report(page: Page, text: string, url = ''): Promise<void> {
  await getKeyField(page).fill(text);
  await page.getByLabel('Where did you find it?').fill(url);
  await page.getByRole('button', { name: 'Report leaked key' }).click();
}

/** Reads what the page keeps in the browser. */
const readStorage = (page: Page) =>
  page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));

test.describe('/leaked', () => {
  test('revokes a key, which an administrator replaces from the email', { tag: '@soak' }, async ({
    openPage,
    newUser,
    apiAccount,
    outbox,
    verify,
  }) => {
    const user = await newUser('settings_administrator');
    const { id, key, ...details } = await apiAccount({ status: 'active' });
    expect((await verify(key)).status).toBe(200);
    const page = await openPage();
    await page.goto('/leaked');
    await report(page, `API_USER=contoso\nAPI_KEY=${key}`, 'github.com/contoso/shop?token=secret');
    await expect(page.getByText(OUTCOME)).toBeVisible();
    expect((await verify(key)).status).toBe(401);

    const notice = await outbox.waitForEmail(details.email, 'leaked');
    expect(notice.text).toContain('They can send you a new key');
    // The link in the email opens the dialog, also after signing in, and changes nothing by itself.
    const administrator = await openPage();
    const email = await outbox.waitForEmail(user.email, id);
    await administrator.goto(/https?:\S+/.exec(email.text)?.[0] ?? '');
    await submitSignIn(administrator, user);
    const dialog = getDialog(administrator, 'Reset API Key');
    await expect(dialog).toContainText('Their key was reported as leaked and no longer works.');
    await expect(administrator).toHaveURL(`${ACCOUNTS_PATH}/${id}`);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    const row = await findAccount(administrator, details.username);
    await expect(row).toContainText('Leaked');
    await row.getByRole('link', { name: details.username }).click();
    const banner = administrator.getByRole('region', { name: 'Leaked key' });
    await expect(banner).toContainText('Someone on the page for leaked keys');
    await expect(banner).toContainText('https://github.com/contoso/shop');
    await expect(banner).not.toContainText('secret');
    await banner.getByRole('button', { name: 'Reset API Key' }).click();
    await dialog.getByRole('button', { name: 'Reset API Key' }).click();
    await expect(dialog).toBeHidden();
    await expect(banner).toHaveCount(0);
    await expect(await findAccount(administrator, details.username)).toContainText('Key not collected');
  });

  test('shows the same for an unknown key, and keeps no key in the browser', async ({
    openPage,
    apiAccount,
  }) => {
    const { key } = await apiAccount({ status: 'active' });
    const page = await openPage();
    const read = async () => page.getByRole('main').textContent();
    const urls: string[] = [];
    page.on('request', (request) => urls.push(request.url()));
    await page.goto('/leaked');
    await report(page, generateKey('stagekey'));
    await expect(page.getByText(OUTCOME)).toBeVisible();
    const shownForUnknown = await read();
    await page.getByRole('button', { name: 'Report another key' }).click();
    await expect(getKeyField(page)).toBeFocused();
    await expect(getKeyField(page)).toHaveValue('');
    await report(page, key);
    await expect(page.getByText(OUTCOME)).toBeVisible();
    expect(await read()).toBe(shownForUnknown);
    expect(await containsKey(page)).toBe(false);
    expect(await readStorage(page)).not.toContain('stagekey');
    expect(urls.filter((url) => url.includes('stagekey'))).toEqual([]);
    // Nor is it left behind by a reader who goes elsewhere without reporting it.
    await page.getByRole('button', { name: 'Report another key' }).click();
    await getKeyField(page).fill(key);
    expect(await containsKey(page)).toBe(true);
    await page.evaluate(() => dispatchEvent(new Event('pagehide')));
    expect(await containsKey(page)).toBe(false);
    await page.reload();
    await expect(getKeyField(page)).toHaveValue('');
  });

  test('asks for a complete key and an address, and says when to try again', { tag: '@soak' }, async ({
    openPage,
    apiAccount,
    verify,
  }) => {
    const { key } = await apiAccount({ status: 'active' });
    const page = await openPage();
    await page.setViewportSize({ width: 320, height: 640 });
    await page.goto('/leaked');
    await page.getByRole('button', { name: 'Report leaked key' }).click();
    await expect(page.getByText('Enter the key, or text that contains it.')).toBeVisible();
    await report(page, key.slice(0, -1), 'in a chat');
    await expect(page.getByText('Enter an address like')).toBeVisible();
    await report(page, key.slice(0, -1));
    await expect(page.getByText('This contains no complete key.')).toBeVisible();
    await expect(getKeyField(page)).toBeFocused();
    expect(await findViolations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    await expect(getKeyField(page)).toHaveAttribute('translate', 'no');
    await expect(getKeyField(page)).toHaveAttribute('autocomplete', 'off');
    const alert = page.getByRole('main').getByRole('alert');
    for (let count = 0; count < 20; count += 1) {
      if (await page.getByText('Too many attempts.').isVisible()) break;
      const sent = page.waitForResponse((response) => response.request().method() === 'POST');
      await page.getByRole('button', { name: 'Report leaked key' }).click();
      await sent;
      await expect(page.getByRole('button', { name: 'Report leaked key' })).toBeEnabled();
    }
    await report(page, key);
    await expect(alert.filter({ hasText: 'Too many attempts. Try again in' })).toBeVisible();
    expect((await verify(key)).status).toBe(200);
  });

  test('revokes an access token, which the list marks', { tag: '@soak' }, async ({
    openPage,
    administrator,
    database,
    actor,
    outbox,
  }) => {
    const name = `Script ${crypto.randomUUID()}`;
    const { token } = await createTestAccessToken(database, ['accounts:read'], {
      name,
      administrator: actor,
    });
    const page = await openPage();
    await page.goto('/leaked');
    await report(page, token);
    await expect(page.getByText(OUTCOME)).toBeVisible();
    await outbox.waitForEmail(actor.email, name);
    await administrator.goto(ACCESS_TOKENS_PATH);
    const row = administrator.getByRole('row').filter({ hasText: name });
    await expect(row).toContainText('Leaked');
  });

  test('shows a new integrator’s key as leaked on its own page', { tag: '@soak' }, async ({
    openPage,
    apiAccount,
  }) => {
    const page = await openPage();
    const key = await collectKey(page, await apiAccount());
    const other = await openPage();
    await other.goto('/leaked');
    await report(other, key);
    await expect(other.getByText(OUTCOME)).toBeVisible();
    await page.getByRole('button', { name: 'Test this key' }).click();
    await expect(page.getByText('Your key no longer works.')).toBeVisible();
  });
});
