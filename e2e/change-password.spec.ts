import { ACCOUNT_PAGE, expireRecentAuth } from './fixtures/factors.ts';
import { dialog, LIST } from './fixtures/pages.ts';
import { postSignIn, responsesTo } from './fixtures/sign-in.ts';
import { expect, test } from './fixtures/test.ts';

const NEW = 'a quiet lamp on the stairs';

test('signs out elsewhere after a password change, which asks for the present one', async ({
  openPage,
  signedInAs,
  newUser,
  newSession,
  database,
  where,
}) => {
  const person = await newUser('settings_viewer');
  const elsewhere = await newSession(person);
  const page = await signedInAs(person);
  await page.goto(ACCOUNT_PAGE);
  await page.getByRole('button', { name: 'Change password' }).click();
  const box = dialog(page, 'Change password');
  const save = box.getByRole('button', { name: 'Change password' });
  await box.getByLabel('Present password').fill(person.password);
  await box.getByLabel('New password').fill('Northwind Traders');
  await save.click();
  await expect(box.getByRole('alert')).toContainText('only a name or an email address');
  await expect(box.getByLabel('New password')).toHaveValue('Northwind Traders');
  await box.getByLabel('New password').fill('short');
  await expect(box.getByRole('alert')).toContainText('at least 15 characters');
  await box.getByLabel('New password').fill(person.password);
  await save.click();
  await expect(box.getByRole('alert')).toContainText('Both are the same.');
  await box.getByLabel('New password').fill(NEW);
  await box.getByLabel('Present password').fill('not this one, surely');
  await save.click();
  await expect(box.getByRole('alert')).toContainText('not your present password');
  await expect(box.getByLabel('New password')).toHaveValue(NEW);
  // It is a proof of who it is by itself.
  await expireRecentAuth(database, person);
  await box.getByLabel('Present password').fill(person.password);
  await save.click();
  await expect(page.getByText('Your password was changed')).toBeVisible();
  await expect(page.getByText('Changed:')).toBeVisible();

  expect(await responsesTo(where, elsewhere.cookies, LIST)).toEqual(['307 /sign-in']);
  const other = await openPage();
  expect(await postSignIn(other, where, person)).toBe('wrong');
  expect(await postSignIn(other, where, { ...person, password: NEW })).toBeNull();
});
