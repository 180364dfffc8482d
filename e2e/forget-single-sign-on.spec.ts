import { LIST } from './fixtures/pages.ts';
import { responsesTo } from './fixtures/sign-in.ts';
import {
  expect,
  insertSignedOn,
  profileAt,
  signInWithSso,
  signOnButton,
  test,
  VIEWER,
} from './fixtures/single-sign-on.ts';
import { violations } from './fixtures/violations.ts';

test('refuses a new account at the provider with a known address, until single sign-on is forgotten', async ({
  openPage,
  administrator: page,
  provider,
  database,
  where,
}) => {
  const person = await insertSignedOn(database, provider, VIEWER);
  const anew = profileAt(provider, { email: person.email, roles: 'api-admins' });
  const other = await openPage();
  await signInWithSso(other, anew.login);
  await expect(other.getByRole('alert').first()).toContainText('signs in with another account at Northwind');
  expect(await responsesTo(where, person.cookies, LIST)).toEqual(['200']);
  await page.goto('/settings/users');
  const row = page.getByRole('row').filter({ hasText: person.email });
  await expect(row).toContainText('Signs in with Northwind');
  await row.getByRole('button').click();
  const editor = page.getByRole('dialog', { name: 'Edit user' });
  await expect(editor).toContainText('The role of this user comes from Northwind, at each sign-in there');
  const forget = editor.getByRole('button', { name: 'Forget single sign-on' });
  await editor.getByLabel('Email address').fill(`other-${person.email}`);
  await expect(forget).toHaveAccessibleDescription(/^Save first/);
  await expect(forget).toBeDisabled();
  await editor.getByLabel('Email address').fill(person.email);
  await forget.click();
  const box = page.getByRole('dialog', { name: 'Forget single sign-on' });
  await expect(box).toContainText(person.email);
  expect(await violations(page)).toEqual([]);
  await box.getByRole('button', { name: 'Forget single sign-on' }).click();
  await expect(box).toBeHidden();
  await expect(editor.getByRole('button', { name: 'Single sign-on was forgotten' })).toBeFocused();
  await editor.getByRole('button', { name: 'Cancel' }).click();
  await expect(row).not.toContainText('Signs in with');
  await expect(row).toContainText('Not linked');
  await row.getByRole('button').click();
  await expect(editor.getByText('They have to sign in by single sign-on again.')).toBeVisible();
  await editor.getByRole('button', { name: 'Cancel' }).click();
  expect(await responsesTo(where, person.cookies, LIST)).toEqual(['307 /sign-in']);
  // The provider knows them still.
  await signOnButton(other).click();
  await expect(other).toHaveURL(LIST);
});
