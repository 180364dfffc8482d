import {
  changeAddress,
  createAccount,
  dialog,
  findAccount,
  LIST,
  noticeLink,
  openEditor,
  receive,
  reveal,
  shownKey,
  signIn,
  TEXT_MESSAGES,
} from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';
import { violations } from './fixtures/violations.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`${colorScheme} colours`, () => {
    test.use({ contextOptions: { colorScheme, reducedMotion: 'reduce' } });

    test('sign-in, empty, with an error, and without a role', async ({ openPage, newUser }) => {
      const page = await openPage();
      await page.goto('/sign-in');
      expect(await violations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await expect(page.getByRole('alert').first()).toBeVisible();
      expect(await violations(page)).toEqual([]);
      await signIn(page, await newUser(null));
      expect(await violations(page)).toEqual([]);
    });

    test('the list, its dialogs, a toast, and a search without result', async ({ administrator: page }) => {
      const details = await createAccount(page);
      await expect(page.getByText(`${details.username} was created`)).toBeVisible();
      expect(await violations(page)).toEqual([]);
      const row = await findAccount(page, details.username);
      await row.getByRole('button', { name: 'Reset API Key' }).click();
      await expect(dialog(page, 'Reset API Key')).toBeVisible();
      expect(await violations(page)).toEqual([]);
      const editor = await openEditor(page, details);
      await editor.getByLabel('Phone number').fill('+442079460000');
      await editor.getByRole('button', { name: 'Save' }).click();
      await expect(editor.getByRole('alert').first()).toBeVisible();
      expect(await violations(page)).toEqual([]);
      await page.goto(`${LIST}?search=no+such+account`);
      await page.getByRole('button', { name: 'New API Account' }).first().click();
      await dialog(page, 'New API Account').getByRole('button', { name: 'Create API Account' }).click();
      await expect(dialog(page, 'New API Account').getByRole('alert').first()).toBeVisible();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await expect(dialog(page, 'New API Account')).toBeHidden();
      expect(await violations(page)).toEqual([]);
    });

    test('the rules for texts, as they are and with errors', async ({ administrator: page }) => {
      await page.goto(TEXT_MESSAGES);
      await expect(page.getByRole('button', { name: 'Save' })).toBeEnabled();
      expect(await violations(page)).toEqual([]);
      await page.getByLabel('Texts a day, for each account').fill('many');
      await page.getByLabel('Search countries').fill('no such country');
      await page.getByRole('button', { name: 'Save' }).click();
      await expect(page.getByRole('alert').first()).toBeVisible();
      expect(await violations(page)).toEqual([]);
    });

    test('the list of a viewer, and a page that is not there', async ({ viewer }) => {
      await viewer.goto(LIST);
      expect(await violations(viewer)).toEqual([]);
      await viewer.goto('/no/such/page');
      expect(await violations(viewer)).toEqual([]);
    });

    test('the reveal: asking, wrong, shown, ended; and the outbox', async ({
      administrator,
      openPage,
      outbox,
    }) => {
      const handover = await receive(outbox, await createAccount(administrator));
      const page = await openPage();
      await page.goto(handover.link);
      const code = page.getByLabel('Authentication code');
      await expect(code).toBeVisible();
      expect(await violations(page)).toEqual([]);
      await code.fill('12');
      await page.getByRole('button', { name: 'Show API key' }).click();
      await expect(code).toHaveAttribute('aria-invalid', 'true');
      expect(await violations(page)).toEqual([]);
      await page.goto('about:blank');
      await reveal(page, handover);
      await shownKey(page);
      expect(await violations(page)).toEqual([]);
      await page.reload();
      await expect(page.getByText(/reset/i).first()).toBeVisible();
      expect(await violations(page)).toEqual([]);
      await administrator.goto('/outbox');
      expect(await violations(administrator)).toEqual([]);
    });

    test('“This was not us”: asking, told, over; then the list and the editor', async ({
      administrator,
      openPage,
      outbox,
    }) => {
      const before = await createAccount(administrator);
      const details = await changeAddress(administrator, before, { email: `new-${before.email}` });
      const page = await openPage();
      await page.goto(await noticeLink(outbox, before));
      const button = page.getByRole('button', { name: 'This was not us' });
      await expect(button).toBeEnabled();
      expect(await violations(page)).toEqual([]);
      await button.click();
      await expect(page.getByText(/have been told/)).toBeVisible();
      expect(await violations(page)).toEqual([]);
      await page.goto('about:blank');
      await page.goto('/not-us');
      await expect(page.getByRole('heading', { name: 'This link does not work' })).toBeVisible();
      expect(await violations(page)).toEqual([]);
      await expect(await findAccount(administrator, details.username)).toContainText('not us');
      expect(await violations(administrator)).toEqual([]);
      const editor = await openEditor(administrator, details);
      const settle = editor.getByRole('button', { name: 'I have looked into it' });
      await expect(settle).toBeEnabled();
      expect(await violations(administrator)).toEqual([]);
      await settle.click();
      await expect(editor).toContainText('Noted');
      expect(await violations(administrator)).toEqual([]);
    });
  });
}

test('a dialog keeps the keyboard inside and gives it back', async ({ administrator: page }) => {
  await page.goto(LIST);
  const opener = page.getByRole('button', { name: 'New API Account' }).first();
  // Before the page is alive, the button is off and takes no keyboard.
  await expect(opener).toBeEnabled();
  await opener.focus();
  await page.keyboard.press('Enter');
  const box = dialog(page, 'New API Account');
  await expect(box).toBeVisible();
  for (let press = 0; press < 12; press += 1) {
    await page.keyboard.press('Tab');
    expect(await box.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  }
  await page.keyboard.press('Escape');
  await expect(box).toBeHidden();
  await expect(opener).toBeFocused();
});
