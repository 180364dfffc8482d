import type { Locator, Page } from '@playwright/test';
import {
  ACCOUNTS_PATH,
  createDetails,
  getDialog,
  readShownKey,
  receiveKeyDelivery,
} from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

/** No page has more elements that can get the focus. */
const MAX_TABS = 150;

/** Presses Tab until an element has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeEnabled();
  for (let presses = 0; presses < MAX_TABS; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${target}`);
}

async function press(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

async function type(page: Page, field: Locator, text: string): Promise<void> {
  await tabTo(page, field);
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(text);
}

/** Chooses an entry of the command palette. */
async function jumpTo(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.keyboard.type(name);
  await expect(getDialog(page, 'Jump to').getByRole('option', { name })).toBeVisible();
  await page.keyboard.press('Enter');
}

test.describe('the keyboard alone', () => {
  test('signs in, and completes each task of an administrator and an integrator', { tag: '@soak' }, async ({
    openPage,
    newUser,
    outbox,
  }) => {
    const user = await newUser('settings_administrator');
    const page = await openPage();
    await page.goto('/sign-in');
    await type(page, page.getByLabel('Email address'), user.email);
    await type(page, page.getByLabel('Password', { exact: true }), user.password);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${ACCOUNTS_PATH}`);

    const details = createDetails();
    await press(page, page.getByRole('button', { name: 'New API Account' }).first());
    const creating = getDialog(page, 'New API Account');
    await type(page, creating.getByLabel('Username'), details.username);
    await type(page, creating.getByLabel('Email address'), details.email);
    await type(page, creating.getByLabel('Phone number'), details.phone);
    await page.keyboard.press('Enter');
    await expect(creating).toBeHidden();

    const integrator = await openPage();
    const { link, code } = await receiveKeyDelivery(outbox, details);
    await integrator.goto(link);
    await expect(integrator.getByLabel('Authentication code')).toBeFocused();
    await integrator.keyboard.type(code);
    const key = await readShownKey(integrator);
    await press(integrator, integrator.getByRole('button', { name: 'Copy both' }));
    expect(await integrator.evaluate(() => navigator.clipboard.readText())).toContain(key);
    await tabTo(integrator, integrator.getByRole('tab', { name: 'curl' }));
    await integrator.keyboard.press('ArrowRight');
    await expect(integrator.getByRole('tab', { name: 'JavaScript' })).toBeFocused();
    await press(integrator, integrator.getByRole('button', { name: 'Test this key' }));
    await expect(integrator.getByText('Your key works.')).toBeVisible();
    await press(integrator, integrator.getByRole('button', { name: 'I’ve saved them' }));
    await expect(integrator.getByRole('heading', { name: 'The API key is hidden' })).toBeVisible();

    await page.keyboard.press('/');
    await page.keyboard.type(details.username);
    await page.keyboard.press('Enter');
    await page.waitForURL(/search=/);
    const account = page.getByRole('link', { name: details.username });
    const editor = getDialog(page, 'Edit API Account');
    for (const label of ['Inactive', 'Active']) {
      await press(page, account);
      await press(page, editor.getByLabel('This API account is active'), 'Space');
      await page.keyboard.press('Enter');
      await expect(editor).toBeHidden();
      await expect(page.getByRole('row').filter({ hasText: details.username })).toContainText(label);
    }
    await press(page, page.getByRole('button', { name: 'Reset API Key' }));
    const resetting = getDialog(page, 'Reset API Key');
    await press(page, resetting.getByRole('button', { name: 'Reset API Key' }));
    await expect(resetting).toBeHidden();
    await press(page, account);
    await press(page, editor.getByRole('button', { name: 'Delete API account…' }));
    await type(page, page.getByLabel('Username to delete'), details.username);
    await page.keyboard.press('Enter');
    await expect(editor).toBeHidden();
    await expect(account).toHaveCount(0);
    // The palette opens over no dialog, nor over one that is closing.
    await expect(page.getByRole('dialog')).toHaveCount(0);

    await jumpTo(page, 'Your account');
    await page.waitForURL(/your-account/);
    await type(page, page.getByRole('form', { name: 'Your name' }).getByLabel('Name'), 'Ada Lovelace');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('banner').getByText('Ada Lovelace')).toBeVisible();
    await tabTo(page, page.getByRole('radio', { name: 'System' }));
    await page.keyboard.press('ArrowRight');
    await expect(page.getByRole('radio', { name: 'Light' })).toBeChecked();
    await jumpTo(page, 'Invite a user');
    const inviting = page.getByRole('dialog');
    await type(page, inviting.getByLabel('Email address'), `invited-${details.email}`);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('row').filter({ hasText: `invited-${details.email}` })).toBeVisible();
    await press(page, page.getByRole('button', { name: 'Sign out' }));
    await page.waitForURL(/sign-in/);
  });
});
