import { findViolations } from './fixtures/accessibility.ts';
import { ACCOUNTS_PATH } from './fixtures/pages.ts';
import { collectDistinctResponses } from './fixtures/sign-in.ts';
import {
  addProviderUser,
  expect,
  getSsoButton,
  insertSsoSession,
  signInWithSso,
  test,
  VIEWER,
} from './fixtures/single-sign-on.ts';

test.describe('user editor', () => {
  test('rejects another SSO account with the same email address, until the administrator unlinks the first one', {
    tag: '@soak',
  }, async ({ openPage, administrator: page, provider, database, installation }) => {
    const user = await insertSsoSession(database, provider, VIEWER);
    const otherAccount = addProviderUser(provider, { email: user.email, roles: 'api-admins' });
    const other = await openPage();
    await signInWithSso(other, otherAccount.login);
    await expect(other.getByRole('alert').first()).toContainText('linked to a different Northwind account');
    expect(await collectDistinctResponses(installation, user.cookies, ACCOUNTS_PATH)).toEqual(['200']);
    await page.goto('/settings/users');
    const row = page.getByRole('row').filter({ hasText: user.email });
    await expect(row).toContainText('Signs in with Northwind');
    await row.getByRole('button').click();
    const editor = page.getByRole('dialog', { name: 'Edit user' });
    await expect(editor).toContainText('This user gets their role from Northwind each time they sign in');
    const unlink = editor.getByRole('button', { name: 'Unlink single sign-on' });
    await editor.getByLabel('Email address').fill(`other-${user.email}`);
    await expect(unlink).toHaveAccessibleDescription(/^Save first/);
    await expect(unlink).toBeDisabled();
    await editor.getByLabel('Email address').fill(user.email);
    await unlink.click();
    const box = page.getByRole('dialog', { name: 'Unlink single sign-on' });
    await expect(box).toContainText(user.email);
    expect(await findViolations(page)).toEqual([]);
    await box.getByRole('button', { name: 'Unlink single sign-on' }).click();
    await expect(box).toBeHidden();
    await expect(editor.getByRole('button', { name: 'Single sign-on unlinked' })).toBeFocused();
    await editor.getByRole('button', { name: 'Cancel' }).click();
    await expect(row).not.toContainText('Signs in with');
    await expect(row).toContainText('Not linked');
    await row.getByRole('button').click();
    await expect(editor.getByText('They need to sign in with single sign-on again')).toBeVisible();
    await editor.getByRole('button', { name: 'Cancel' }).click();
    expect(await collectDistinctResponses(installation, user.cookies, ACCOUNTS_PATH)).toEqual([
      '307 /sign-in',
    ]);
    // The provider shows no form, because the user still has a session there.
    await getSsoButton(other).click();
    await expect(other).toHaveURL(ACCOUNTS_PATH);
  });
});
