import type { Page } from '@playwright/test';
import { ACCOUNTS_PATH, createDetails, findAccount, getDialog, openEditor } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

const EDITOR = 'Edit API Account';

/** Counts the loads of documents, so that a test can show that the list was not loaded again. */
async function countLoads(page: Page): Promise<() => number> {
  let loads = 0;
  page.on('load', () => {
    loads += 1;
  });
  return () => loads;
}

test.describe('API account page', () => {
  test('opens over the list, closes with Back and Escape, and returns the focus', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
  }) => {
    const { id, username, email } = await apiAccount();
    const row = await findAccount(page, username);
    const listUrl = page.url();
    const readLoads = await countLoads(page);
    const sheet = getDialog(page, EDITOR);
    await row.getByRole('link', { name: username }).press('Enter');
    await expect(sheet.getByLabel('Email address')).toHaveValue(email);
    await expect(page).toHaveURL(`${ACCOUNTS_PATH}/${id}`);
    // The list stays behind the sheet, where it is hidden from screen readers.
    await expect(page.locator('tr').filter({ hasText: email })).toBeVisible();
    // The command palette does not open over a dialog.
    await page.keyboard.press('Control+k');
    await expect(getDialog(page, 'Jump to')).toHaveCount(0);
    await page.keyboard.press('Escape');
    await expect(sheet).toBeHidden();
    await expect(page).toHaveURL(listUrl);
    await expect(row.getByRole('link', { name: username })).toBeFocused();

    await row.getByRole('link', { name: email }).press('Enter');
    await expect(sheet).toBeVisible();
    await page.goBack();
    await expect(sheet).toBeHidden();
    await expect(page).toHaveURL(listUrl);
    await expect(row.getByRole('link', { name: email })).toBeFocused();
    await page.goForward();
    await expect(sheet.getByLabel('Email address')).toHaveValue(email);
    await sheet.getByRole('button', { name: 'Cancel' }).click();
    await expect(sheet).toBeHidden();
    await expect(page).toHaveURL(listUrl);
    expect(readLoads()).toBe(0);
  });

  test('stands alone when it is loaded directly, saves, and links to the list', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
  }) => {
    const { id, username } = await apiAccount({ status: 'active' });
    await page.goto(`${ACCOUNTS_PATH}/${id}`);
    await expect(page.getByRole('heading', { name: EDITOR, level: 1 })).toBeVisible();
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(page.getByText(/^Created/).locator('..')).toContainText(/, by First administrator/);
    // Input before hydration would be mixed with the saved values.
    await expect(page.getByRole('button', { name: 'Save' })).toBeEnabled();
    await page.getByLabel('Display name').fill('Théâtre du Port');
    await page.getByLabel('Notes').fill('Ask Jane.\nMoves in May.');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText(`${username} saved`)).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Théâtre du Port' })).toBeVisible();
    await expect(page.getByRole('region', { name: 'History' })).toContainText('edited the API account');
    await page.reload();
    await expect(page.getByLabel('Notes')).toHaveValue('Ask Jane.\nMoves in May.');
    await page.getByRole('link', { name: 'API Accounts' }).first().click();
    await expect(page).toHaveURL(ACCOUNTS_PATH);
  });

  test('asks before it discards unsaved changes, on Escape, Back and a link', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
  }) => {
    const details = await apiAccount();
    const sheet = await openEditor(page, details);
    const discard = getDialog(page, 'Discard your changes?');
    await sheet.getByLabel('Requests per minute').fill('12');
    await page.keyboard.press('Escape');
    await discard.getByRole('button', { name: 'Keep editing' }).click();
    await expect(discard).toBeHidden();
    await expect(sheet.getByLabel('Requests per minute')).toHaveValue('12');
    await page.evaluate(() => window.history.back());
    await discard.getByRole('button', { name: 'Discard changes' }).click();
    await expect(sheet).toBeHidden();
    await expect(page).toHaveURL(/search=/);

    await page.goto(`${ACCOUNTS_PATH}/${details.id}`);
    await expect(page.getByRole('button', { name: 'Save' })).toBeEnabled();
    await expect(page.getByLabel('Requests per minute')).toHaveValue('');
    await page.getByLabel('Requests per minute').fill('13');
    await page.getByRole('link', { name: 'Audit log', exact: true }).click();
    await discard.getByRole('button', { name: 'Discard changes' }).click();
    await expect(page).toHaveURL('/settings/audit-log');
    await page.goBack();
    await expect(page.getByLabel('Requests per minute')).toHaveValue('');
  });

  test('shows all errors together, on blur, and offers corrections', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
  }) => {
    const sheet = await openEditor(page, await apiAccount());
    const [email, phone] = [sheet.getByLabel('Email address'), sheet.getByLabel('Phone number')];
    await email.fill('it@gmial.com');
    await phone.fill('07894 123 456');
    await sheet.getByLabel('Notes').focus();
    await expect(phone).toHaveAccessibleDescription(/Start with the country code/);
    const size = await sheet.boundingBox();
    await sheet.getByRole('button', { name: 'Use it@gmail.com' }).click();
    await expect(email).toHaveValue('it@gmail.com');
    await sheet.getByRole('button', { name: 'Use +44 7894 123456' }).click();
    await expect(phone).toHaveValue('+44 7894 123456');
    await expect(sheet.getByRole('alert')).toHaveCount(0);
    await expect(sheet.getByText('Saving cancels the link and code you sent')).toBeVisible();
    await sheet.getByLabel('Requests per minute').fill('x');
    await email.fill('no address');
    await phone.fill('+44 20 7946 0000');
    await phone.press('Enter');
    await expect(sheet.getByRole('alert')).toHaveCount(3);
    expect(await sheet.boundingBox()).toEqual(size);
  });

  test('deletes an account after its username was typed, and shows what is left', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
    verify,
  }) => {
    const details = await apiAccount({ status: 'active' });
    const sheet = await openEditor(page, details);
    await sheet.getByRole('button', { name: 'Delete API account…' }).click();
    const dialog = getDialog(page, 'Delete API account');
    await dialog.getByRole('button', { name: 'Delete API account' }).click();
    await expect(dialog.getByRole('alert')).toContainText('Enter the username');
    expect((await verify(details.key)).status).toBe(200);
    await dialog.getByLabel('Username to delete').fill(details.username.toUpperCase());
    await page.keyboard.press('Enter');
    await expect(page.getByText(`${details.username} deleted`)).toBeVisible();
    await expect(sheet).toBeHidden();
    await expect(page.getByRole('cell', { name: details.username })).toHaveCount(0);
    expect((await verify(details.key)).status).toBe(401);

    await page.getByRole('link', { name: 'Deleted accounts' }).click();
    await page.getByRole('link', { name: details.username }).click();
    await expect(page.getByText('This account was deleted')).toBeVisible();
    await expect(page.getByText(details.email)).toHaveCount(0);
    await page.getByRole('link', { name: 'View its history in the audit log' }).click();
    await expect(page.getByText(`deleted the API account ${details.username}`)).toBeVisible();
    // In the details of the entry that created it.
    await expect(page.getByText('Erased when the API account was deleted')).toHaveCount(1);
    await expect(page.getByText(details.email)).toHaveCount(0);
  });

  test('shows a viewer nothing of the account', async ({ viewer: page, apiAccount }) => {
    const { id, email } = await apiAccount();
    await page.goto(`${ACCOUNTS_PATH}/${id}`);
    await expect(page.getByText('You don’t have access to this page')).toBeVisible();
    await expect(page.getByText(email)).toHaveCount(0);
    await page.goto(`${ACCOUNTS_PATH}/${createDetails().username}`);
    await expect(page.getByText('You don’t have access to this page')).toBeVisible();
  });
});
