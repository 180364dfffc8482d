import { collectKey, getDialog, openEditor } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

const LIMIT_LABEL = 'Requests per minute';

test.describe("an account's rate limit", () => {
  test('is set and removed without a new link and code', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
    openPage,
    verify,
  }) => {
    const details = await apiAccount();
    let editor = await openEditor(page, details);
    await expect(editor.getByLabel(LIMIT_LABEL)).toHaveValue('');
    await expect(editor.getByLabel(LIMIT_LABEL)).toHaveAccessibleDescription(
      'Extra requests are blocked until the next minute. Leave empty for no limit.',
    );
    await editor.getByLabel(LIMIT_LABEL).fill('1,000');
    await expect(editor).toContainText('When you save, up to 1,000 requests a minute are allowed.');
    await expect(editor).not.toContainText('new link');
    await page.keyboard.press('Enter');
    await expect(editor).toBeHidden();
    await expect(page.getByText('From now on, up to 1,000 requests a minute are allowed.')).toBeVisible();
    // The earlier link and code still work.
    const key = await collectKey(await openPage(), details);
    expect((await verify(key)).status).toBe(200);
    editor = await openEditor(page, details);
    await expect(editor.getByLabel(LIMIT_LABEL)).toHaveValue('1000');
    await editor.getByLabel(LIMIT_LABEL).fill('');
    await editor.getByRole('button', { name: 'Save' }).click();
    await expect(editor).toBeHidden();
    await expect(page.getByText('From now on, there is no limit.')).toBeVisible();
  });

  test('shows a field error for an invalid limit, and keeps the input', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
  }) => {
    const editor = await openEditor(page, await apiAccount());
    for (const input of ['0', '1000001', '1.5', 'sixty']) {
      await editor.getByLabel(LIMIT_LABEL).fill(input);
      await editor.getByRole('button', { name: 'Save' }).click();
      await expect(editor.getByRole('alert')).toHaveText(
        'Enter a whole number from 1 to 1,000,000, or leave this empty.',
      );
      await expect(editor.getByLabel(LIMIT_LABEL)).toHaveValue(input);
      await expect(editor.getByLabel(LIMIT_LABEL)).toBeFocused();
    }
    await editor.getByLabel(LIMIT_LABEL).fill('60');
    await expect(editor.getByRole('alert')).toHaveCount(0);
  });

  test('does not overwrite the limit that another administrator has saved', { tag: '@soak' }, async ({
    administrator,
    apiAccount,
    openPage,
    administratorCookies,
  }) => {
    const details = await apiAccount();
    const other = await openPage(administratorCookies);
    const [first, second] = [await openEditor(administrator, details), await openEditor(other, details)];
    await first.getByLabel(LIMIT_LABEL).fill('600');
    await first.getByRole('button', { name: 'Save' }).click();
    await expect(first).toBeHidden();
    await second.getByLabel(LIMIT_LABEL).fill('60');
    await second.getByRole('button', { name: 'Save' }).click();
    await expect(second).toContainText('Theirs: 600');
    await expect(second).toContainText('Yours: 60');
    await expect(second.getByLabel(LIMIT_LABEL)).toHaveValue('60');
    await second.getByRole('button', { name: 'Keep theirs' }).click();
    await expect(second.getByLabel(LIMIT_LABEL)).toHaveValue('600');
  });

  test('is not part of the dialog for a new account', { tag: '@soak' }, async ({ administrator: page }) => {
    await page.goto('/settings/users/api-accounts');
    await page.getByRole('button', { name: 'New API Account' }).first().click();
    await expect(getDialog(page, 'New API Account').getByRole('textbox')).toHaveCount(3);
  });
});
