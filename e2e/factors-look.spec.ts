import type { Page, TestInfo } from '@playwright/test';
import {
  ACCOUNT_PAGE,
  addPasskey,
  appCode,
  enterPassword,
  letProofAge,
  signOut,
  takeCodes,
  virtualAuthenticator,
} from './fixtures/factors.ts';
import { dialog, fillNewAccount, LIST, signIn, someDetails } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';
import { violations } from './fixtures/violations.ts';

/** Takes a screenshot for the report; finds what axe complains of, and what stands out sideways. */
async function look(page: Page, testInfo: TestInfo, name: string): Promise<void> {
  const body = await page.screenshot({ caret: 'initial' });
  await testInfo.attach(name, { body, contentType: 'image/png' });
  expect(await violations(page), name).toEqual([]);
  const [needed = 0, given = 0] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return [scrollWidth, clientWidth];
  });
  expect(needed, `${name} is wider than the window`).toBeLessThanOrEqual(given);
}

for (const [width, colorScheme] of [
  [360, 'light'],
  [1440, 'dark'],
] as const) {
  test.describe(`at ${width} px, ${colorScheme}`, () => {
    test.use({ contextOptions: { viewport: { width, height: 800 }, colorScheme, reducedMotion: 'reduce' } });

    test('factors are set up, asked for and given', async ({ openPage, newUser, database }, testInfo) => {
      test.setTimeout(180_000);
      const person = await newUser('settings_administrator');
      const page = await openPage();
      await virtualAuthenticator(page);
      await signIn(page, person);
      await page.goto(ACCOUNT_PAGE);
      await look(page, testInfo, 'no factor');
      await page.getByRole('button', { name: 'Set up an app' }).click();
      const setUp = dialog(page, 'Set up an authenticator app');
      await setUp.getByLabel('Code from the app').fill('12');
      await page.keyboard.press('Enter');
      await expect(setUp.getByRole('alert')).toBeVisible();
      await look(page, testInfo, 'setting up an app');
      const shown = setUp.getByRole('status').filter({ hasText: /^[A-Z2-7 ]{39}$/ });
      await setUp.getByLabel('Code from the app').fill(appCode((await shown.textContent()) ?? ''));
      await page.keyboard.press('Enter');
      await expect(dialog(page, 'Your recovery codes')).toBeVisible();
      await look(page, testInfo, 'recovery codes');
      await takeCodes(page);
      await addPasskey(page, 'Chrome on a laptop with a name that is rather long');
      await look(page, testInfo, 'factors');
      await page.getByRole('button', { name: 'Remove', exact: true }).click();
      await expect(dialog(page, 'Remove passkey')).toBeVisible();
      await look(page, testInfo, 'removing');
      await page.goto(LIST);
      const creating = await fillNewAccount(page, someDetails());
      await letProofAge(database, person);
      await creating.getByRole('button', { name: 'Create API Account' }).click();
      await dialog(page, 'Confirm that it is you').getByLabel('Your password').fill('wrong');
      await page.keyboard.press('Enter');
      await expect(page.getByText('That is not your password.')).toBeVisible();
      await look(page, testInfo, 'confirming');
      await page.goto(LIST);
      await signOut(page);
      await enterPassword(page, person);
      await look(page, testInfo, 'second step');
      await page.getByRole('button', { name: 'Use a recovery code' }).click();
      await page.getByLabel('Recovery code').fill('ABCD-EFGH-IJKL-MNOP');
      await page.keyboard.press('Enter');
      await expect(page.getByText('That was not right')).toBeVisible();
      await look(page, testInfo, 'a wrong recovery code');
    });
  });
}
