import type { Page } from '@playwright/test';
import {
  ACCOUNT_PAGE,
  appCode,
  createRecoveryCodes,
  expireRecentAuth,
  virtualAuthenticator,
  waitForNextTotpStep,
} from './fixtures/factors.ts';
import { linkIn } from './fixtures/outbox.ts';
import {
  changedAccount,
  dialog,
  fillNewAccount,
  fillSignIn,
  LIST,
  shownKey,
  someDetails,
  TEXT_MESSAGES,
} from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';
import { openTranslated } from './fixtures/translate.ts';

/*
 * Each page with a form, translated by the browser: it takes what is typed, and nothing throws (`openPage` fails a test
 * whose page reports an error).
 */

const USERS = '/settings/users';
const NEW_PASSWORD = 'a quiet lamp on the stairs';

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const openEditor = (page: Page, email: string) =>
  page.getByRole('link', { name: email, exact: true }).click();
const heading = (page: Page, name: string) => page.getByRole('heading', { name });

test.describe('before signing in', () => {
  test('sign-in shows a wrong password and lets the right one in', async ({ openPage, newUser }) => {
    const page = await openPage();
    const person = await newUser('settings_viewer');
    await openTranslated(page, '/sign-in');
    await fillSignIn(page, { ...person, password: 'not the password' });
    await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
    await fillSignIn(page, person);
    await expect(heading(page, 'API Accounts')).toBeVisible();
  });

  test('a forgotten password is asked for, and a new one set', async ({ openPage, newUser, outbox }) => {
    const page = await openPage();
    const { email } = await newUser('settings_viewer');
    await openTranslated(page, '/forgotten-password');
    await press(page, 'Send me a link');
    await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
    await page.getByLabel('Email address').fill(email);
    await press(page, 'Send me a link');
    await expect(page.getByText('an email is on its way')).toBeVisible();
    await openTranslated(page, linkIn(await outbox.nextEmailTo(email, '/set-password#')));
    await page.getByLabel('New password').fill('short');
    await press(page, 'Set password');
    await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
    await page.getByLabel('New password').fill(NEW_PASSWORD);
    await expect(page.getByText('Very hard to guess')).toBeVisible();
    await page.getByLabel('Show the password').check();
    await press(page, 'Set password');
    await expect(
      page.getByText('Wherever you were signed in before, you have been signed out.'),
    ).toBeVisible();
  });

  test('the reveal page shows the key and keeps it', async ({ openPage, apiAccount, outbox, verify }) => {
    const { link, ...details } = await apiAccount();
    const page = await openPage();
    await page.clock.install();
    await openTranslated(page, link);
    await page.getByLabel('Authentication code').fill('12');
    await press(page, 'Show API key');
    await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
    // The countdown goes on, though its text was translated.
    const countdown = page.getByText(/^No text yet\? Wait \d+ s\.$/);
    const before = await countdown.textContent();
    await page.clock.runFor('00:02');
    await expect(countdown).not.toHaveText(before ?? '');
    await page.clock.runFor('02:00');
    await press(page, 'Text me a new code');
    const text = await outbox.nextTextTo(details.phone);
    await page.getByLabel('Authentication code').fill(/#(\d{6})$/m.exec(text.text)?.[1] ?? '');
    await press(page, 'Show API key');
    const key = await shownKey(page);
    expect((await verify(key, details.username)).status).toBe(200);
    for (const name of ['Copy username', 'Copy API key']) {
      await page.getByRole('button', { name }).click();
      await expect(page.getByRole('status').filter({ hasText: /^Copied$/ })).toHaveCount(1);
      await page.clock.runFor('00:03');
      await expect(page.getByRole('status').filter({ hasText: /^Copied$/ })).toHaveCount(0);
    }
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key);
    expect(await shownKey(page)).toBe(key);
    await press(page, 'I have saved both: hide the key');
    await expect(heading(page, 'The API key is hidden')).toBeVisible();
  });

  test('the reveal page keeps username and key from translation', async ({ openPage, apiAccount }) => {
    const { link, code, username } = await apiAccount();
    const page = await openPage();
    await openTranslated(page, link);
    await page.getByLabel('Authentication code').fill(code);
    await press(page, 'Show API key');
    const key = await shownKey(page);
    for (const secret of [username, key]) {
      const shown = page.getByText(secret, { exact: true });
      await expect(shown).toHaveAttribute('translate', 'no');
      await expect(shown.locator('font')).toHaveCount(0);
    }
  });

  test('an objection to a changed address is sent', async ({ administrator, openPage, outbox }) => {
    const { link, details } = await changedAccount(administrator, outbox);
    const page = await openPage();
    await openTranslated(page, link);
    await press(page, 'This was not us');
    await expect(page.getByText('have been told that this change was not yours')).toBeVisible();
    await openTranslated(administrator, `${LIST}?search=${encodeURIComponent(details.username)}`);
    await openEditor(administrator, details.email);
    await press(administrator, 'I have looked into it');
    await expect(administrator.getByText('Noted: you have looked into it.')).toBeVisible();
  });
});

test.describe('API accounts', () => {
  test('an account is created, edited and reset', async ({ administrator: page }) => {
    const details = someDetails();
    await openTranslated(page, LIST);
    const creating = await fillNewAccount(page, { ...details, phone: '+44' });
    await press(page, 'Create API Account');
    await expect(creating.getByRole('alert')).toBeVisible();
    await creating.getByLabel('Phone number').fill(details.phone);
    await press(page, 'Create API Account');
    await expect(page.getByText(`${details.username} was created`)).toBeVisible();
    await expect(creating).toBeHidden();

    await page.getByLabel(/Search/).fill(details.username);
    await press(page, 'Search');
    const row = page.getByRole('row').filter({ hasText: details.email });
    await openEditor(page, details.email);
    const editing = dialog(page, 'Edit API Account');
    for (const tab of ['Use', 'History', 'Hand-over']) await editing.getByRole('tab', { name: tab }).click();
    await editing.getByLabel('Email address').fill(`new-${details.email}`);
    await expect(editing.getByText('Saving replaces the link and the code that were sent')).toBeVisible();
    await editing.getByLabel('Requests per minute').fill('7');
    await editing.getByLabel('Requests per minute').fill('70');
    await expect(editing.getByText('at most 70 requests a minute')).toBeVisible();
    await editing.getByLabel('This API account is active').uncheck();
    await press(page, 'Save');
    await expect(page.getByText(`${details.username} is inactive`)).toBeVisible();
    await expect(editing).toBeHidden();

    await row.getByRole('button', { name: 'Reset API Key' }).click();
    await dialog(page, 'Reset API Key').getByRole('button', { name: 'Reset API Key' }).click();
    await expect(page.getByText(`The API key of ${details.username} was reset`)).toBeVisible();
  });

  test('an editor who was overtaken takes the saved values over', async ({
    administrator: page,
    administratorCookies,
    openPage,
    apiAccount,
  }) => {
    const details = await apiAccount();
    const other = await openPage(administratorCookies);
    const search = `${LIST}?search=${encodeURIComponent(details.username)}`;
    for (const each of [page, other]) {
      await openTranslated(each, search);
      await openEditor(each, details.email);
    }
    await dialog(other, 'Edit API Account').getByLabel('Requests per minute').fill('5');
    await press(other, 'Save');
    await expect(dialog(other, 'Edit API Account')).toBeHidden();
    const box = dialog(page, 'Edit API Account');
    await box.getByLabel('Requests per minute').fill('6');
    await press(page, 'Save');
    await expect(box.getByText('changed this account after you opened it')).toBeVisible();
    await press(page, 'Use the saved values');
    await expect(box.getByLabel('Requests per minute')).toHaveValue('5');
  });

  test('the hand-over follows what the integrator does', async ({
    administrator: page,
    openPage,
    apiAccount,
  }) => {
    const { link, ...details } = await apiAccount();
    await openTranslated(page, `${LIST}?search=${encodeURIComponent(details.username)}`);
    await openEditor(page, details.email);
    const entries = dialog(page, 'Edit API Account').getByRole('region', { name: 'Hand-over' });
    await expect(entries.getByRole('listitem').first()).toBeVisible();
    const integrator = await openPage();
    await integrator.goto(link);
    await expect(entries.getByRole('listitem').filter({ hasText: /opened/i })).toBeVisible();
  });

  test('a reset asks who it is, shows a wrong password and goes on', async ({
    newUser,
    signedInAs,
    apiAccount,
    database,
  }) => {
    const person = await newUser('settings_administrator');
    const page = await signedInAs(person);
    const details = await apiAccount();
    await expireRecentAuth(database, person);
    await openTranslated(page, `${LIST}?search=${encodeURIComponent(details.username)}`);
    await press(page, 'Reset API Key');
    await dialog(page, 'Reset API Key').getByRole('button', { name: 'Reset API Key' }).click();
    const proof = dialog(page, 'Confirm that it is you');
    await proof.getByLabel('Your password').fill('not my password');
    await press(page, 'Confirm');
    await expect(proof.getByRole('alert')).toContainText('That is not your password.');
    await proof.getByLabel('Your password').fill(person.password);
    await press(page, 'Confirm');
    await expect(page.getByText(`The API key of ${details.username} was reset`)).toBeVisible();
  });
});

test.describe('settings', () => {
  test('a user is invited, sets a password and is edited', async ({
    administrator: page,
    openPage,
    outbox,
  }) => {
    const { email } = someDetails();
    await openTranslated(page, USERS);
    await press(page, 'Invite a user');
    const inviting = dialog(page, 'Invite a user');
    await press(page, 'Send the invitation');
    await expect(inviting.getByRole('alert')).toBeVisible();
    await inviting.getByLabel('Email address').fill(email);
    await press(page, 'Send the invitation');
    await expect(page.getByText(`${email} was invited`)).toBeVisible();

    const invited = await openPage();
    await openTranslated(invited, linkIn(await outbox.nextEmailTo(email, '/set-password#')));
    await invited.getByLabel('Your name').fill('Grace Hopper');
    await invited.getByLabel('New password').fill(NEW_PASSWORD);
    await press(invited, 'Set password');
    await expect(heading(invited, 'Your password is set')).toBeVisible();

    await page.getByRole('row').filter({ hasText: email }).getByRole('button').click();
    const editing = dialog(page, 'Edit user');
    await editing.getByLabel('Role').selectOption({ index: 1 });
    await editing.getByLabel('Name').fill('Grace Brewster Hopper');
    await press(page, 'Save');
    await expect(page.getByText('Grace Brewster Hopper was saved')).toBeVisible();
  });

  test('the rules for texts are searched and saved', async ({ administrator: page }) => {
    await openTranslated(page, TEXT_MESSAGES);
    const search = page.getByLabel('Search countries');
    const status = page.getByRole('status').filter({ hasText: 'ticked' });
    for (const [typed, words] of [
      ['norway', /^1 country found/],
      ['no such place', /^0 countries found/],
      ['', /^(Only|\d+ ticked)/],
    ] as const) {
      await search.fill(typed);
      await expect(status).toHaveText(words);
    }
    await press(page, 'Save');
    await expect(page.getByText(/saved|different/i).first()).toBeVisible();
  });

  test('the audit log is filtered', async ({ administrator: page }) => {
    await openTranslated(page, '/settings/audit-log');
    await page.getByText('Filters', { exact: true }).click();
    await page.getByLabel('Outcome').selectOption('done');
    await press(page, 'Show what matches');
    await expect(page.getByText('Filters (1 set)')).toBeVisible();
    await page.getByText('Details', { exact: true }).first().click();
    await page.getByRole('link', { name: 'Show everything' }).click();
    await expect(page.getByText('Filters', { exact: true })).toBeVisible();
  });

  test('the outbox is refreshed', async ({ administrator: page, apiAccount }) => {
    await apiAccount();
    await openTranslated(page, '/outbox');
    await press(page, 'Refresh');
    await expect(page.getByRole('button', { name: 'Refresh' })).not.toHaveAttribute('aria-disabled');
    await press(page, 'Refresh');
    await expect(page.getByRole('button', { name: 'Refresh' })).not.toHaveAttribute('aria-disabled');
  });
});

test.describe('your account', () => {
  test('a password is changed, and other browsers signed out', async ({
    newUser,
    newSession,
    signedInAs,
  }) => {
    const person = await newUser('settings_viewer');
    const page = await signedInAs(person);
    await newSession(person);
    await openTranslated(page, ACCOUNT_PAGE);
    await press(page, 'Sign out everywhere else');
    await expect(page.getByText('Signed out everywhere else').first()).toBeVisible();
    await expect(page.getByRole('button', { name: 'Sign out everywhere else' })).toHaveCount(0);
    await press(page, 'Change password');
    const box = dialog(page, 'Change password');
    await box.getByLabel('Present password').fill('not my password');
    await box.getByLabel('New password').fill(NEW_PASSWORD);
    await box.getByRole('button', { name: 'Change password' }).click();
    await expect(box.getByRole('alert')).toBeVisible();
    await box.getByLabel('Present password').fill(person.password);
    await box.getByRole('button', { name: 'Change password' }).click();
    await expect(page.getByText('Your password was changed')).toBeVisible();
  });

  test('an authenticator app is set up and signs in', async ({ newUser, signedInAs, database }) => {
    const person = await newUser('settings_viewer');
    const page = await signedInAs(person);
    await openTranslated(page, ACCOUNT_PAGE);
    await press(page, 'Set up an app');
    const box = dialog(page, 'Set up an authenticator app');
    const secret = box.getByRole('status').filter({ hasText: /^[A-Z2-7 ]{39}$/ });
    await expect(secret).toHaveAttribute('translate', 'no');
    await box.getByLabel('Code from the app').fill('12');
    await press(page, 'Add the app');
    await expect(box.getByRole('alert')).toBeVisible();
    const key = (await secret.textContent()) ?? '';
    await box.getByLabel('Code from the app').fill(appCode(key));
    await press(page, 'Add the app');
    await expect(page.getByRole('list', { name: 'Recovery codes' })).toHaveAttribute('translate', 'no');
    await createRecoveryCodes(page);
    await press(page, 'Make new codes');
    await dialog(page, 'Make new recovery codes').getByRole('button', { name: 'Make new codes' }).click();
    const codes = await createRecoveryCodes(page);
    await press(page, 'Sign out');
    await heading(page, 'Sign in').waitFor();

    await openTranslated(page, '/sign-in');
    await fillSignIn(page, person);
    await page.getByLabel('Code from your authenticator app').fill('000000');
    await press(page, 'Sign in');
    await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
    await press(page, 'Use a recovery code');
    await press(page, 'Use your authenticator app');
    await press(page, 'Use a recovery code');
    await page.getByLabel('Recovery code').fill(codes[0] ?? '');
    await press(page, 'Sign in');
    await expect(heading(page, 'API Accounts')).toBeVisible();
    await waitForNextTotpStep(database, person);
  });

  test('a passkey is added, renamed and removed', async ({ signedInAs }) => {
    const page = await signedInAs('settings_viewer');
    await virtualAuthenticator(page);
    await openTranslated(page, ACCOUNT_PAGE);
    await press(page, 'Add a passkey');
    await dialog(page, 'Add a passkey').getByLabel('Name').fill('My phone');
    await press(page, 'Add passkey');
    await createRecoveryCodes(page);
    await press(page, 'Rename');
    await dialog(page, 'Rename passkey').getByLabel('Name').fill('My other phone');
    await press(page, 'Save');
    await expect(page.getByRole('list', { name: 'Your passkeys' })).toContainText('My other phone');
    await press(page, 'Remove');
    await dialog(page, 'Remove passkey').getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(page.getByRole('list', { name: 'Your passkeys' })).toHaveCount(0);
  });
});
