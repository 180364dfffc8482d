import { sql } from 'drizzle-orm';
import {
  addVirtualAuthenticator,
  expireRecentAuth,
  generateCurrentTotp,
  insertPasskey,
  insertTotp,
  saveRecoveryCodes,
  YOUR_ACCOUNT_PATH,
} from './fixtures/mfa.ts';
import {
  ACCOUNTS_PATH,
  createDetails,
  fillNewAccount,
  findAccount,
  getDialog,
  openEditor,
  TEXT_MESSAGES_PATH,
} from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

const REAUTH_TITLE = 'Confirm it’s you';

test.describe('re-authentication', () => {
  test('asks before creating an account, and keeps the input', async ({ signedInAs, newUser, database }) => {
    const user = await newUser('settings_administrator');
    const page = await signedInAs(user);
    await page.goto(ACCOUNTS_PATH);
    const details = createDetails();
    const box = await fillNewAccount(page, details);
    await expireRecentAuth(database, user);
    await box.getByRole('button', { name: 'Create API Account' }).click();
    const reauth = getDialog(page, REAUTH_TITLE);
    await expect(reauth.getByLabel('Your password')).toBeFocused();
    await expect(reauth).toHaveAccessibleDescription(/carry on where you left off/);
    await page.keyboard.press('Escape');
    await expect(reauth).toBeHidden();
    await expect(box.getByRole('alert')).toContainText('Nothing was changed');
    await expect(box.getByLabel('Username')).toHaveValue(details.username);

    await box.getByRole('button', { name: 'Create API Account' }).click();
    await reauth.getByLabel('Your password').fill('not my password');
    await page.keyboard.press('Enter');
    await expect(reauth.getByRole('alert')).toContainText('That password isn’t right.');
    const { rows } = await database.execute(
      sql`select 1 from api_accounts where username = ${details.username}`,
    );
    expect(rows).toEqual([]);
    await reauth.getByLabel('Your password').fill(user.password);
    await reauth.getByRole('button', { name: 'Confirm' }).click();
    await expect(page.getByText(`${details.username} created`)).toBeVisible();
    await findAccount(page, details.username);
  });

  test('asks before a reset, an activation or a change of email address, but not before a deactivation', {
    tag: '@soak',
  }, async ({ signedInAs, newUser, apiAccount, database }) => {
    const user = await newUser('settings_administrator');
    const page = await signedInAs(user);
    const details = await apiAccount();
    await expireRecentAuth(database, user);
    const row = await findAccount(page, details.username);
    await row.getByRole('button', { name: 'Reset API Key' }).click();
    const resetDialog = getDialog(page, 'Reset API Key');
    await resetDialog.getByRole('button', { name: 'Reset API Key' }).click();
    const reauth = getDialog(page, REAUTH_TITLE);
    await reauth.getByLabel('Your password').fill(user.password);
    await page.keyboard.press('Enter');
    // Playwright treats the first dialog as hidden while the second one is open, so wait for the message.
    await expect(page.getByText(`API key reset for ${details.username}`)).toBeVisible();

    await expireRecentAuth(database, user);
    const editor = await openEditor(page, details);
    await editor.getByLabel('This API account is active').uncheck();
    await editor.getByRole('button', { name: 'Save' }).click();
    await expect(editor).toBeHidden();
    const reopenedEditor = await openEditor(page, details);
    await reopenedEditor.getByLabel('This API account is active').check();
    await reopenedEditor.getByRole('button', { name: 'Save' }).click();
    await reauth.getByLabel('Your password').fill(user.password);
    await page.keyboard.press('Enter');
    await expect(page.getByText(`${details.username} reactivated`)).toBeVisible();

    await expireRecentAuth(database, user);
    const lastEditor = await openEditor(page, details);
    await lastEditor.getByLabel('Email address').fill(`new-${details.email}`);
    await lastEditor.getByRole('button', { name: 'Save' }).click();
    await reauth.getByLabel('Your password').fill(user.password);
    await page.keyboard.press('Enter');
    await expect(page.getByText(`${details.username} saved`)).toBeVisible();
    await findAccount(page, details.username);
    await expect(page.getByText(`new-${details.email}`)).toBeVisible();
  });

  test('asks before the SMS limits change and before other sessions end, and keeps the input', {
    tag: '@soak',
  }, async ({ signedInAs, newUser, newSession, database }) => {
    const user = await newUser('settings_administrator');
    await newSession(user);
    const page = await signedInAs(user);
    await page.goto(TEXT_MESSAGES_PATH);
    await expect(page.getByRole('button', { name: 'Save', exact: true })).toBeEnabled();
    await expireRecentAuth(database, user);
    const limit = page.getByLabel('Daily limit per account');
    await limit.fill('19');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const reauth = getDialog(page, REAUTH_TITLE);
    await expect(reauth.getByLabel('Your password')).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('alert').filter({ hasText: 'Nothing was changed' })).toBeVisible();
    await expect(limit).toHaveValue('19');

    await page.goto(YOUR_ACCOUNT_PATH);
    await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
    await reauth.getByLabel('Your password').fill(user.password);
    await page.keyboard.press('Enter');
    await expect(page.getByText('Signed out everywhere else')).toBeVisible();
  });

  test('asks for a second factor before the password changes, and keeps the input', { tag: '@soak' }, async ({
    signedInAs,
    newUser,
    database,
  }) => {
    const user = await newUser(null);
    const page = await signedInAs(user);
    const { key } = await insertTotp(database, user);
    await expireRecentAuth(database, user);
    await page.goto(YOUR_ACCOUNT_PATH);
    await page.getByRole('button', { name: 'Change password' }).click();
    const dialog = getDialog(page, 'Change password');
    await dialog.getByLabel('Current password').fill(user.password);
    await dialog.getByLabel('New password', { exact: true }).fill('a quiet lamp on the stairs');
    await dialog.getByRole('button', { name: 'Change password' }).click();
    const reauth = getDialog(page, REAUTH_TITLE);
    await reauth.getByLabel('Code from your authenticator app').fill(generateCurrentTotp(key));
    await page.keyboard.press('Enter');
    await expect(page.getByText('Password changed')).toBeVisible();
  });

  test('accepts a TOTP code or a passkey before changes to factors', { tag: '@soak' }, async ({
    signedInAs,
    newUser,
    database,
  }) => {
    const user = await newUser(null);
    const page = await signedInAs(user);
    const { key } = await insertTotp(database, user);
    await insertPasskey(database, await addVirtualAuthenticator(page), user, 'My phone');
    await expireRecentAuth(database, user);
    await page.goto(YOUR_ACCOUNT_PATH);
    await page.getByRole('button', { name: 'Generate new codes' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Generate new codes' }).click();
    const reauth = getDialog(page, REAUTH_TITLE);
    await expect(reauth.getByLabel('Code from your authenticator app')).toBeFocused();
    await expect(reauth.getByText('sign in with your password and a recovery code')).toBeVisible();
    await expect(reauth.getByRole('button', { name: 'Use your password' })).toHaveCount(0);
    await reauth.getByLabel('Code from your authenticator app').fill(generateCurrentTotp(key));
    await page.keyboard.press('Enter');
    await saveRecoveryCodes(page);
    await expireRecentAuth(database, user);
    await page.getByRole('button', { name: 'Remove app' }).click();
    const removeDialog = getDialog(page, 'Remove authenticator app');
    await removeDialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await reauth.getByRole('button', { name: 'Use a passkey' }).click();
    await expect(removeDialog).toBeHidden();
    await expect(page.getByRole('button', { name: 'Set up an app' })).toBeVisible();
  });
});
