import { sql } from 'drizzle-orm';
import {
  ACCOUNT_PAGE,
  appCode,
  createRecoveryCodes,
  expireRecentAuth,
  insertApp,
  insertPasskey,
  virtualAuthenticator,
} from './fixtures/factors.ts';
import { dialog, fillNewAccount, findAccount, LIST, openEditor, someDetails } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

const PROOF = 'Confirm that it is you';

test('asks for recent authentication to create an account, and loses nothing that was typed', async ({
  signedInAs,
  newUser,
  database,
}) => {
  const person = await newUser('settings_administrator');
  const page = await signedInAs(person);
  await page.goto(LIST);
  const details = someDetails();
  const box = await fillNewAccount(page, details);
  await expireRecentAuth(database, person);
  await box.getByRole('button', { name: 'Create API Account' }).click();
  const proof = dialog(page, PROOF);
  await expect(proof.getByLabel('Your password')).toBeFocused();
  await expect(proof).toHaveAccessibleDescription(/a confirmation no older than 15 minutes/);
  await page.keyboard.press('Escape');
  await expect(proof).toBeHidden();
  await expect(box.getByRole('alert')).toContainText('Nothing was changed');
  await expect(box.getByLabel('Username')).toHaveValue(details.username);

  await box.getByRole('button', { name: 'Create API Account' }).click();
  await proof.getByLabel('Your password').fill('not my password');
  await page.keyboard.press('Enter');
  await expect(proof.getByRole('alert')).toContainText('That is not your password.');
  const { rows } = await database.execute(
    sql`select 1 from api_accounts where username = ${details.username}`,
  );
  expect(rows).toEqual([]);
  await proof.getByLabel('Your password').fill(person.password);
  await proof.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByText(`${details.username} was created`)).toBeVisible();
  await findAccount(page, details.username);
});

test('asks for recent authentication to reset, activate or readdress an account, not to deactivate it', async ({
  signedInAs,
  newUser,
  apiAccount,
  database,
}) => {
  const person = await newUser('settings_administrator');
  const page = await signedInAs(person);
  const details = await apiAccount();
  await expireRecentAuth(database, person);
  const row = await findAccount(page, details.username);
  await row.getByRole('button', { name: 'Reset API Key' }).click();
  const resetting = dialog(page, 'Reset API Key');
  await resetting.getByRole('button', { name: 'Reset API Key' }).click();
  const proof = dialog(page, PROOF);
  await proof.getByLabel('Your password').fill(person.password);
  await page.keyboard.press('Enter');
  // A dialog below another one counts as hidden: the words tell that it was done.
  await expect(page.getByText(`The API key of ${details.username} was reset`)).toBeVisible();

  await expireRecentAuth(database, person);
  const unticking = await openEditor(page, details);
  await unticking.getByLabel('This API account is active').uncheck();
  await unticking.getByRole('button', { name: 'Save' }).click();
  await expect(unticking).toBeHidden();
  const ticking = await openEditor(page, details);
  await ticking.getByLabel('This API account is active').check();
  await ticking.getByRole('button', { name: 'Save' }).click();
  await proof.getByLabel('Your password').fill(person.password);
  await page.keyboard.press('Enter');
  await expect(page.getByText(`${details.username} is active again`)).toBeVisible();

  await expireRecentAuth(database, person);
  const moving = await openEditor(page, details);
  await moving.getByLabel('Email address').fill(`new-${details.email}`);
  await moving.getByRole('button', { name: 'Save' }).click();
  await proof.getByLabel('Your password').fill(person.password);
  await page.keyboard.press('Enter');
  await expect(page.getByText(`${details.username} was saved`)).toBeVisible();
  await findAccount(page, details.username);
  await expect(page.getByText(`new-${details.email}`)).toBeVisible();
});

test('re-authenticates by a code or a passkey, for changes to factors too', async ({
  signedInAs,
  newUser,
  database,
}) => {
  const person = await newUser(null);
  const page = await signedInAs(person);
  const { key } = await insertApp(database, person);
  await insertPasskey(database, await virtualAuthenticator(page), person, 'My phone');
  await expireRecentAuth(database, person);
  await page.goto(ACCOUNT_PAGE);
  await page.getByRole('button', { name: 'Make new codes' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Make new codes' }).click();
  const proof = dialog(page, PROOF);
  await proof.getByRole('button', { name: 'Use your authenticator app' }).click();
  await proof.getByLabel('Code from your authenticator app').fill(appCode(key));
  await page.keyboard.press('Enter');
  await createRecoveryCodes(page);
  await expireRecentAuth(database, person);
  await page.getByRole('button', { name: 'Remove app' }).click();
  const removing = dialog(page, 'Remove authenticator app');
  await removing.getByRole('button', { name: 'Remove', exact: true }).click();
  await proof.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(removing).toBeHidden();
  await expect(page.getByRole('button', { name: 'Set up an app' })).toBeVisible();
});
