import { expireRecentAuth, YOUR_ACCOUNT_PATH } from './fixtures/mfa.ts';
import { ACCOUNTS_PATH, getDialog } from './fixtures/pages.ts';
import { collectDistinctResponses, postSignIn } from './fixtures/sign-in.ts';
import { expect, test } from './fixtures/test.ts';

const NEW_PASSWORD = 'a quiet lamp on the stairs';

test.describe('password change', () => {
  test('asks for the current password, and signs the user out of other browsers', { tag: '@soak' }, async ({
    openPage,
    signedInAs,
    newUser,
    newSession,
    database,
    installation,
  }) => {
    const user = await newUser('settings_viewer');
    const otherSession = await newSession(user);
    const page = await signedInAs(user);
    await page.goto(YOUR_ACCOUNT_PATH);
    await page.getByRole('button', { name: 'Change password' }).click();
    const box = getDialog(page, 'Change password');
    const save = box.getByRole('button', { name: 'Change password' });
    await box.getByLabel('Current password').fill(user.password);
    // The organisation's name, which the message names besides the user's.
    await box.getByLabel('New password').fill('Northwind Traders');
    await save.click();
    await expect(box.getByRole('alert')).toContainText('too close to your name');
    await expect(box.getByLabel('New password')).toHaveValue('Northwind Traders');
    await box.getByLabel('New password').fill('short');
    await expect(box.getByRole('alert')).toContainText('at least 15 characters');
    await box.getByLabel('New password').fill(user.password);
    await save.click();
    await expect(box.getByRole('alert')).toContainText('That’s your current password.');
    await box.getByLabel('New password').fill(NEW_PASSWORD);
    await box.getByLabel('Current password').fill('not this one, surely');
    await save.click();
    await expect(box.getByRole('alert')).toContainText('isn’t your current password');
    await expect(box.getByLabel('New password')).toHaveValue(NEW_PASSWORD);
    // The current password counts as a re-authentication.
    await expireRecentAuth(database, user);
    await box.getByLabel('Current password').fill(user.password);
    await save.click();
    await expect(page.getByText('Password changed')).toBeVisible();
    await expect(page.getByText('Last changed')).toBeVisible();

    expect(await collectDistinctResponses(installation, otherSession.cookies, ACCOUNTS_PATH)).toEqual([
      '307 /sign-in',
    ]);
    const other = await openPage();
    expect(await postSignIn(other, installation, user)).toBe('wrong_credentials');
    expect(await postSignIn(other, installation, { ...user, password: NEW_PASSWORD })).toBe('signed_in');
  });
});
