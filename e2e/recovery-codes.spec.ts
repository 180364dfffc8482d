import type { Page } from '@playwright/test';
import {
  addTotp,
  enterPassword,
  insertTotp,
  saveRecoveryCodes,
  waitUntilSignedIn,
  YOUR_ACCOUNT_PATH,
} from './fixtures/mfa.ts';
import { expect, test } from './fixtures/test.ts';

/** Fires the event with which a page enters the back/forward cache. @returns the document immediately afterwards */
const firePagehide = (page: Page) =>
  page.evaluate(() => {
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    return document.documentElement.outerHTML;
  });

test.describe('recovery codes', () => {
  test('accepts a recovery code once, and shows how many are left', { tag: '@soak' }, async ({
    openPage,
    newUser,
    outbox,
    database,
  }) => {
    const user = await newUser('settings_administrator');
    const { recoveryCodes } = await insertTotp(database, user);
    const submitRecoveryCode = async (page: Page) => {
      await enterPassword(page, user);
      await page.getByRole('button', { name: 'Use a recovery code' }).click();
      await expect(page.getByLabel('Recovery code')).toBeFocused();
      await page.getByLabel('Recovery code').fill((recoveryCodes[0] ?? '').toLowerCase());
      await page.keyboard.press('Enter');
    };
    const [page, other] = [await openPage(), await openPage()];
    await submitRecoveryCode(page);
    await waitUntilSignedIn(page);
    expect((await outbox.waitForEmail(user.email)).subject).toContain('A recovery code was used');
    await page.goto(YOUR_ACCOUNT_PATH);
    await expect(page.getByText('9 left.')).toBeVisible();
    await submitRecoveryCode(other);
    await expect(other.getByText(/already been used/)).toBeVisible();
    await other.getByRole('button', { name: 'Start again' }).click();
    await expect(other.getByLabel('Email address')).toBeVisible();
  });

  test('removes recovery codes and the TOTP key from a page that the user leaves', async ({ signedInAs }) => {
    const page = await signedInAs(null);
    await page.goto(YOUR_ACCOUNT_PATH);
    await page.getByRole('button', { name: 'Set up an app' }).click();
    const shown = page.getByRole('status').filter({ hasText: /^[A-Z2-7 ]{39}$/ });
    const key = await shown.textContent();
    expect(key).toMatch(/^[A-Z2-7 ]{39}$/);
    expect(await firePagehide(page)).not.toContain(key);
    await expect(page.getByRole('dialog')).toHaveCount(0);

    await addTotp(page);
    const box = page.getByRole('dialog', { name: 'Your recovery codes' });
    await expect(box.getByRole('listitem')).toHaveCount(10);
    const [code = ''] = await box.getByRole('listitem').allTextContents();
    expect(code).toMatch(/^[A-Z2-7-]{19}$/);
    // Neither Escape nor a click outside closes this dialog, because the codes are shown only once.
    await page.keyboard.press('Escape');
    await page.mouse.click(5, 5);
    await expect(box.getByRole('listitem')).toHaveCount(10);
    expect(await firePagehide(page)).not.toContain(code);
    await expect(box).toBeHidden();
  });

  test('asks before unsaved recovery codes are closed or left', { tag: '@soak' }, async ({
    signedInAs,
    newUser,
    database,
  }) => {
    const user = await newUser(null);
    await insertTotp(database, user);
    const page = await signedInAs(user);
    const questions: string[] = [];
    page.on('dialog', (dialog) => {
      questions.push(dialog.type());
      return dialog.dismiss();
    });
    await page.goto(YOUR_ACCOUNT_PATH);
    await page.getByRole('button', { name: 'Generate new codes' }).click();
    const confirmDialog = page.getByRole('dialog', { name: 'Generate new recovery codes' });
    await confirmDialog.getByRole('button', { name: 'Generate new codes' }).click();
    const box = page.getByRole('dialog', { name: 'Your recovery codes' });
    await expect(box.getByRole('listitem')).toHaveCount(10);
    // A reload that the user cancels never loads, so this does not wait for it.
    await page.evaluate(() => void setTimeout(() => location.reload()));
    await expect.poll(() => questions).toEqual(['beforeunload']);
    await box.getByRole('button', { name: 'Close' }).click();
    await expect(box.getByRole('alert')).toContainText('You haven’t saved the codes');
    await box.getByRole('button', { name: 'Copy recovery codes' }).click();
    await expect(box.getByRole('alert')).toHaveCount(0);
    await box.getByRole('button', { name: 'Close' }).click();
    await expect(box).toBeHidden();
    await page.reload();
    expect(questions).toHaveLength(1);
  });

  test('generates new recovery codes, which can be copied and downloaded', { tag: '@soak' }, async ({
    signedInAs,
    newUser,
    database,
  }) => {
    const user = await newUser(null);
    const { recoveryCodes } = await insertTotp(database, user);
    const page = await signedInAs(user);
    await page.goto(YOUR_ACCOUNT_PATH);
    await page.getByRole('button', { name: 'Generate new codes' }).click();
    const confirmDialog = page.getByRole('dialog', { name: 'Generate new recovery codes' });
    await confirmDialog.getByRole('button', { name: 'Generate new codes' }).click();
    const box = page.getByRole('dialog', { name: 'Your recovery codes' });
    await expect(box).toBeVisible();
    const downloadPromise = page.waitForEvent('download');
    await box.getByRole('button', { name: 'Download' }).click();
    const file = await (await downloadPromise).createReadStream();
    const text = (await file.toArray()).join('');
    await box.getByRole('button', { name: 'Copy recovery codes' }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text);
    const newCodes = await saveRecoveryCodes(page);
    expect(text).toBe(`${newCodes.join('\n')}\n`);
    expect(newCodes.filter((code) => recoveryCodes.includes(code))).toEqual([]);
  });
});
