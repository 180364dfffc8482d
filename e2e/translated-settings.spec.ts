import {
  addVirtualAuthenticator,
  generateCurrentTotp,
  saveRecoveryCodes,
  YOUR_ACCOUNT_PATH,
} from './fixtures/mfa.ts';
import { findLink } from './fixtures/outbox.ts';
import { createDetails, getDialog, submitSignIn, TEXT_MESSAGES_PATH } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';
import { getHeading, openTranslated, press } from './fixtures/translate.ts';

/*
 * Every page with a form keeps working while the browser translates it. The fixture `openPage` fails a test whose page
 * reports an error.
 */

const USERS_PATH = '/settings/users';
const NEW_PASSWORD = 'a quiet lamp on the stairs';

test.describe('settings', () => {
  test('users page invites and edits a user, who sets a password', { tag: '@soak' }, async ({
    administrator: page,
    openPage,
    outbox,
  }) => {
    const { email } = createDetails();
    await openTranslated(page, USERS_PATH);
    await press(page, 'Invite a user');
    const inviting = getDialog(page, 'Invite a user');
    await press(page, 'Send invitation');
    await expect(inviting.getByRole('alert')).toBeVisible();
    await inviting.getByLabel('Email address').fill(email);
    await press(page, 'Send invitation');
    await expect(page.getByText(`Invitation for ${email} is in the outbox`)).toBeVisible();

    const invited = await openPage();
    await openTranslated(invited, findLink(await outbox.waitForEmail(email, '/set-password#')));
    await invited.getByLabel('Your name').fill('Grace Hopper');
    await invited.getByLabel('New password').fill(NEW_PASSWORD);
    await press(invited, 'Set password');
    await expect(getHeading(invited, 'Your password is set')).toBeVisible();

    await page.getByRole('row').filter({ hasText: email }).getByRole('button').click();
    const editing = getDialog(page, 'Edit user');
    await editing.getByLabel('Role').selectOption({ index: 1 });
    await editing.getByLabel('Name').fill('Grace Brewster Hopper');
    await press(page, 'Save');
    await expect(page.getByText('Changes to Grace Brewster Hopper saved')).toBeVisible();
  });

  test('text messages page searches countries and saves limits', { tag: '@soak' }, async ({
    administrator: page,
  }) => {
    await openTranslated(page, TEXT_MESSAGES_PATH);
    const search = page.getByLabel('Search countries');
    const status = page.getByRole('status').filter({ hasText: 'United Kingdom' });
    for (const [typed, message] of [
      ['norway', /^1 country found/],
      ['no such place', /^0 countries found/],
      ['', /^Selected: United Kingdom (only|and \d+ others?)\.$/],
    ] as const) {
      await search.fill(typed);
      await expect(status).toHaveText(message);
    }
    await press(page, 'Save');
    await expect(page.getByText('Text message settings saved')).toBeVisible();
  });

  test('audit log applies and removes filters', { tag: '@soak' }, async ({ administrator: page }) => {
    await openTranslated(page, '/settings/audit-log');
    await page.getByRole('search').getByText('Filters', { exact: true }).click();
    await page.getByLabel('Outcome').selectOption('done');
    await press(page, 'Apply');
    await expect(page.getByText('Filters (1)')).toBeVisible();
    await page.getByText('Details', { exact: true }).first().click();
    await page.getByRole('link', { name: 'Clear all' }).click();
    await expect(page.getByRole('search').getByText('Filters', { exact: true })).toBeVisible();
  });

  test('outbox refreshes', { tag: '@soak' }, async ({ administrator: page, apiAccount }) => {
    await apiAccount();
    await openTranslated(page, '/outbox');
    await press(page, 'Refresh');
    await expect(page.getByRole('button', { name: 'Refresh' })).not.toHaveAttribute('aria-disabled');
    // The button also works after React has updated the translated page.
    await press(page, 'Refresh');
    await expect(page.getByRole('button', { name: 'Refresh' })).not.toHaveAttribute('aria-disabled');
  });
});

test.describe('your account', () => {
  test('changes a password, and signs the user out of other browsers', { tag: '@soak' }, async ({
    newUser,
    newSession,
    signedInAs,
  }) => {
    const user = await newUser('settings_viewer');
    const page = await signedInAs(user);
    await newSession(user);
    await openTranslated(page, YOUR_ACCOUNT_PATH);
    await press(page, 'Sign out everywhere else');
    await expect(page.getByText('Signed out everywhere else').first()).toBeVisible();
    await expect(page.getByRole('button', { name: 'Sign out everywhere else' })).toHaveCount(0);
    await press(page, 'Change password');
    const box = getDialog(page, 'Change password');
    await box.getByLabel('Current password').fill('not my password');
    await box.getByLabel('New password').fill(NEW_PASSWORD);
    await box.getByRole('button', { name: 'Change password' }).click();
    await expect(box.getByRole('alert')).toBeVisible();
    await box.getByLabel('Current password').fill(user.password);
    await box.getByRole('button', { name: 'Change password' }).click();
    await expect(page.getByText('Password changed')).toBeVisible();
  });

  test('sets up an authenticator app, which is asked for at the sign-in', {
    tag: '@soak',
  }, async ({ newUser, signedInAs }) => {
    const user = await newUser('settings_viewer');
    const page = await signedInAs(user);
    await openTranslated(page, YOUR_ACCOUNT_PATH);
    await press(page, 'Set up an app');
    const box = getDialog(page, 'Set up an authenticator app');
    const secret = box.getByRole('status').filter({ hasText: /^[A-Z2-7 ]{39}$/ });
    await expect(secret).toHaveAttribute('translate', 'no');
    await box.getByLabel('Code from the app').fill('12');
    await press(page, 'Add app');
    await expect(box.getByRole('alert')).toBeVisible();
    const key = (await secret.textContent()) ?? '';
    await box.getByLabel('Code from the app').fill(generateCurrentTotp(key));
    await press(page, 'Add app');
    await expect(page.getByRole('list', { name: 'Recovery codes' })).toHaveAttribute('translate', 'no');
    await saveRecoveryCodes(page);
    await press(page, 'Generate new codes');
    await getDialog(page, 'Generate new recovery codes')
      .getByRole('button', { name: 'Generate new codes' })
      .click();
    const codes = await saveRecoveryCodes(page);
    await press(page, 'Sign out');
    await getHeading(page, 'Sign in').waitFor();

    await openTranslated(page, '/sign-in');
    await submitSignIn(page, user);
    await page.getByLabel('Code from your authenticator app').fill('000000');
    await press(page, 'Sign in');
    await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
    await press(page, 'Use a recovery code');
    await press(page, 'Use your authenticator app');
    await press(page, 'Use a recovery code');
    await page.getByLabel('Recovery code').fill(codes[0] ?? '');
    await press(page, 'Sign in');
    await expect(getHeading(page, 'API Accounts')).toBeVisible();
  });

  test('adds, renames and removes a passkey', { tag: '@soak' }, async ({ signedInAs }) => {
    const page = await signedInAs('settings_viewer');
    await addVirtualAuthenticator(page);
    await openTranslated(page, YOUR_ACCOUNT_PATH);
    await press(page, 'Add a passkey');
    await getDialog(page, 'Add a passkey').getByLabel('Name').fill('My phone');
    await press(page, 'Add passkey');
    await saveRecoveryCodes(page);
    await press(page, 'Rename');
    await getDialog(page, 'Rename passkey').getByLabel('Name').fill('My other phone');
    await press(page, 'Save');
    await expect(page.getByRole('list', { name: 'Your passkeys' })).toContainText('My other phone');
    await press(page, 'Remove');
    await getDialog(page, 'Remove passkey').getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(page.getByRole('list', { name: 'Your passkeys' })).toHaveCount(0);
  });
});
