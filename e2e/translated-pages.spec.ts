import type { Page } from '@playwright/test';
import { sql } from 'drizzle-orm';
import { expireRecentAuth } from './fixtures/mfa.ts';
import { findCode, findLink } from './fixtures/outbox.ts';
import {
  ACCOUNTS_PATH,
  createChangedAccount,
  createDetails,
  fillNewAccount,
  getDialog,
  readShownKey,
  submitSignIn,
} from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';
import { getHeading, openTranslated, press } from './fixtures/translate.ts';

/*
 * Every page with a form keeps working while the browser translates it. The fixture `openPage` fails a test whose page
 * reports an error.
 */

const NEW_PASSWORD = 'a quiet lamp on the stairs';

const openEditor = (page: Page, email: string) =>
  page.getByRole('link', { name: email, exact: true }).click();

test.describe('public pages', () => {
  test('sign-in rejects a wrong password and accepts the right one', { tag: '@soak' }, async ({
    openPage,
    newUser,
  }) => {
    const page = await openPage();
    const user = await newUser('settings_viewer');
    await openTranslated(page, '/sign-in');
    await submitSignIn(page, { ...user, password: 'not the password' });
    await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
    await submitSignIn(page, user);
    await expect(getHeading(page, 'API Accounts')).toBeVisible();
  });

  test('password reset sends a link and sets a new password', { tag: '@soak' }, async ({
    openPage,
    newUser,
    outbox,
  }) => {
    const page = await openPage();
    const { email } = await newUser('settings_viewer');
    await openTranslated(page, '/forgotten-password');
    await press(page, 'Email me a link');
    await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
    await page.getByLabel('Email address').fill(email);
    await press(page, 'Email me a link');
    await expect(page.getByText('we’ve emailed a link')).toBeVisible();
    await openTranslated(page, findLink(await outbox.waitForEmail(email, '/set-password#')));
    await page.getByLabel('New password').fill('short');
    await press(page, 'Set password');
    await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
    await page.getByLabel('New password').fill(NEW_PASSWORD);
    await expect(page.getByText('Very strong')).toBeVisible();
    await page.getByLabel('Show password').check();
    await press(page, 'Set password');
    await expect(page.getByText('You’ve been signed out everywhere.')).toBeVisible();
  });

  test('reveal shows the key and keeps it', async ({ openPage, apiAccount, database, outbox, verify }) => {
    const { link, ...details } = await apiAccount();
    await outbox.waitForSms(details.phone);
    const page = await openPage();
    await page.clock.install();
    await openTranslated(page, link);
    await page.getByLabel('Authentication code').fill('12');
    await press(page, 'Show API key');
    await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
    // The countdown continues after the translation of its text.
    const countdown = page.getByText(/^You can request another in \d+ seconds\.$/);
    const before = await countdown.textContent();
    await page.clock.runFor('00:02');
    await expect(countdown).not.toHaveText(before ?? '');
    await page.clock.runFor('02:00');
    await database.execute(
      sql`update reveals set code_issued_at = code_issued_at - interval '31 seconds' where email = ${details.email}`,
    );
    await press(page, 'Text me a new code');
    await expect(page.getByText('We’re texting a new code')).toBeVisible();
    await page.getByLabel('Authentication code').fill(findCode(await outbox.waitForSms(details.phone)));
    await press(page, 'Show API key');
    const key = await readShownKey(page);
    expect((await verify(key, details.username)).status).toBe(200);
    for (const name of ['Copy username', 'Copy API key']) {
      await page.getByRole('button', { name }).click();
      await expect(page.getByRole('status').filter({ hasText: /^Copied$/ })).toHaveCount(1);
      await page.clock.runFor('00:03');
      await expect(page.getByRole('status').filter({ hasText: /^Copied$/ })).toHaveCount(0);
    }
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key);
    expect(await readShownKey(page)).toBe(key);
    await press(page, 'I’ve saved them');
    await expect(getHeading(page, 'The API key is hidden')).toBeVisible();
  });

  test('reveal excludes username and key from translation', async ({ openPage, apiAccount }) => {
    const { link, code, username } = await apiAccount();
    const page = await openPage();
    await openTranslated(page, link);
    await page.getByLabel('Authentication code').fill(code);
    await press(page, 'Show API key');
    const key = await readShownKey(page);
    for (const secret of [username, key]) {
      const shown = page.getByText(secret, { exact: true });
      await expect(shown).toHaveAttribute('translate', 'no');
      await expect(shown.locator('font')).toHaveCount(0);
    }
  });

  test('change report is sent and resolved', { tag: '@soak' }, async ({
    administrator,
    openPage,
    outbox,
  }) => {
    const { link, details } = await createChangedAccount(administrator, outbox);
    const page = await openPage();
    await openTranslated(page, link);
    await press(page, 'This was not us');
    await expect(page.getByText('that you didn’t make this change')).toBeVisible();
    await openTranslated(administrator, `${ACCOUNTS_PATH}?search=${encodeURIComponent(details.username)}`);
    await openEditor(administrator, details.email);
    await press(administrator, 'Mark as resolved');
    await expect(administrator.getByText('Marked as resolved for all administrators.')).toBeVisible();
  });
});

test.describe('API accounts', () => {
  test('list creates, edits and resets an account', { tag: '@soak' }, async ({ administrator: page }) => {
    const details = createDetails();
    await openTranslated(page, ACCOUNTS_PATH);
    const creating = await fillNewAccount(page, { ...details, phone: '+44' });
    await press(page, 'Create API Account');
    await expect(creating.getByRole('alert')).toBeVisible();
    await creating.getByLabel('Phone number').fill(details.phone);
    await press(page, 'Create API Account');
    await expect(page.getByText(`${details.username} created`)).toBeVisible();
    await expect(creating).toBeHidden();

    await page.getByLabel(/Search/).fill(details.username);
    await press(page, 'Search');
    const row = page.getByRole('row').filter({ hasText: details.email });
    await openEditor(page, details.email);
    const editing = getDialog(page, 'Edit API Account');
    for (const part of ['Usage', 'History', 'Delivery'])
      await editing.getByRole('link', { name: part, exact: true }).click();
    await editing.getByLabel('Email address').fill(`new-${details.email}`);
    await expect(editing.getByText('Saving cancels the link and code you sent')).toBeVisible();
    await editing.getByLabel('Requests per minute').fill('7');
    await editing.getByLabel('Requests per minute').fill('70');
    await expect(editing.getByText('up to 70 requests a minute')).toBeVisible();
    await editing.getByLabel('This API account is active').uncheck();
    await press(page, 'Save');
    await expect(page.getByText(`${details.username} deactivated`)).toBeVisible();
    await expect(editing).toBeHidden();

    await row.getByRole('button', { name: 'Reset API Key' }).click();
    await getDialog(page, 'Reset API Key').getByRole('button', { name: 'Reset API Key' }).click();
    await expect(page.getByText(`API key reset for ${details.username}`)).toBeVisible();
  });

  test('editor takes over the values that another administrator has saved', { tag: '@soak' }, async ({
    administrator: page,
    administratorCookies,
    openPage,
    apiAccount,
  }) => {
    const details = await apiAccount();
    const other = await openPage(administratorCookies);
    const search = `${ACCOUNTS_PATH}?search=${encodeURIComponent(details.username)}`;
    for (const each of [page, other]) {
      await openTranslated(each, search);
      await openEditor(each, details.email);
    }
    await getDialog(other, 'Edit API Account').getByLabel('Requests per minute').fill('5');
    await press(other, 'Save');
    await expect(getDialog(other, 'Edit API Account')).toBeHidden();
    const box = getDialog(page, 'Edit API Account');
    await box.getByLabel('Requests per minute').fill('6');
    await press(page, 'Save');
    await expect(box.getByText('edited this account while you had it open')).toBeVisible();
    await press(page, 'Keep theirs');
    await expect(box.getByLabel('Requests per minute')).toHaveValue('5');
  });

  test('timeline shows what the integrator does', { tag: '@soak' }, async ({
    administrator: page,
    openPage,
    apiAccount,
  }) => {
    const { link, ...details } = await apiAccount();
    await openTranslated(page, `${ACCOUNTS_PATH}?search=${encodeURIComponent(details.username)}`);
    await openEditor(page, details.email);
    const entries = getDialog(page, 'Edit API Account').getByRole('region', { name: 'Key delivery' });
    await expect(entries.getByRole('listitem').first()).toBeVisible();
    const integrator = await openPage();
    await integrator.goto(link);
    await expect(entries.getByRole('listitem').filter({ hasText: /opened/i })).toBeVisible();
  });

  test('reset asks for re-authentication, rejects a wrong password and continues', { tag: '@soak' }, async ({
    newUser,
    signedInAs,
    apiAccount,
    database,
  }) => {
    const user = await newUser('settings_administrator');
    const page = await signedInAs(user);
    const details = await apiAccount();
    await expireRecentAuth(database, user);
    await openTranslated(page, `${ACCOUNTS_PATH}?search=${encodeURIComponent(details.username)}`);
    await press(page, 'Reset API Key');
    await getDialog(page, 'Reset API Key').getByRole('button', { name: 'Reset API Key' }).click();
    const reauth = getDialog(page, 'Confirm it’s you');
    await reauth.getByLabel('Your password').fill('not my password');
    await press(page, 'Confirm');
    await expect(reauth.getByRole('alert')).toContainText('That password isn’t right.');
    await reauth.getByLabel('Your password').fill(user.password);
    await press(page, 'Confirm');
    await expect(page.getByText(`API key reset for ${details.username}`)).toBeVisible();
  });
});
