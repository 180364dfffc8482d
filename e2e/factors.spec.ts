import { sql } from 'drizzle-orm';
import {
  ACCOUNT_PAGE,
  addPasskey,
  appCode,
  createRecoveryCodes,
  enterPassword,
  insertApp,
  insertPasskey,
  isIn,
  setUpApp,
  signOut,
  takeAppCode,
  virtualAuthenticator,
  waitForNextTotpStep,
  wrongAppCode,
} from './fixtures/factors.ts';
import { LIST } from './fixtures/pages.ts';
import { postSignIn, responsesTo } from './fixtures/sign-in.ts';
import { expect, test } from './fixtures/test.ts';

test('signs in by a passkey alone, and after a password, until it is removed', async ({
  signedInAs,
  newUser,
  outbox,
  where,
}) => {
  const person = await newUser('settings_administrator');
  const page = await signedInAs(person);
  await virtualAuthenticator(page);
  await addPasskey(page, 'My phone');
  await createRecoveryCodes(page);
  await expect(page.getByRole('list', { name: 'Your passkeys' })).toContainText('My phone');
  expect((await outbox.nextEmailTo(person.email)).subject).toContain('A passkey was added');

  await signOut(page);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await isIn(page);
  await signOut(page);
  await enterPassword(page, person);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await isIn(page);

  await page.goto(ACCOUNT_PAGE);
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  const box = page.getByRole('dialog', { name: 'Remove passkey' });
  await box.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(box).toBeHidden();
  await expect(page.getByRole('list', { name: 'Your passkeys' })).toHaveCount(0);
  expect((await outbox.nextEmailTo(person.email)).subject).toContain('A passkey was removed');
  await signOut(page);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'This passkey is not known here' })).toBeVisible();
  expect(await postSignIn(page, where, person)).toBeNull();
});

test('renames a passkey, and adds no second one of a device', async ({ signedInAs, newUser, database }) => {
  const person = await newUser(null);
  const page = await signedInAs(person);
  await insertPasskey(database, await virtualAuthenticator(page), person, 'One');
  await page.goto(ACCOUNT_PAGE);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  const adding = page.getByRole('dialog', { name: 'Add a passkey' });
  await adding.getByRole('button', { name: 'Add passkey' }).click();
  await expect(adding.getByRole('alert')).toContainText('holds a passkey of yours');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Rename' }).click();
  const box = page.getByRole('dialog', { name: 'Rename passkey' });
  await box.getByLabel('Name').fill('');
  await box.getByRole('button', { name: 'Save' }).click();
  await expect(box.getByRole('alert')).toContainText('Enter a name');
  await box.getByLabel('Name').fill('The blue one');
  await box.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('list', { name: 'Your passkeys' })).toContainText('The blue one');
});

test('signs nobody in by a device that does not verify its user', async ({ openPage, newUser, database }) => {
  const page = await openPage();
  const authenticator = await virtualAuthenticator(page);
  await insertPasskey(database, authenticator, await newUser('settings_viewer'), 'My phone');
  const { session, id } = authenticator;
  await page.goto('/sign-in');
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await isIn(page);
  await signOut(page);
  await session.send('WebAuthn.setUserVerified', { authenticatorId: id, isUserVerified: false });
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'No passkey was used' })).toBeVisible();
  await expect(page).toHaveURL(/\/sign-in/);
});

test('asks for a code of the authenticator app from its set-up to its removal', async ({
  signedInAs,
  newUser,
  database,
  where,
}) => {
  const person = await newUser('settings_administrator');
  const page = await signedInAs(person);
  const { key } = await setUpApp(page);
  await signOut(page);
  await enterPassword(page, person);
  const code = page.getByLabel('Code from your authenticator app');
  await expect(code).toBeFocused();
  await expect(code).toHaveAttribute('autocomplete', 'one-time-code');
  await page.goto(LIST);
  await expect(page, 'no session yet').toHaveURL(/\/sign-in/);

  await enterPassword(page, person);
  const submit = page.getByRole('button', { name: 'Sign in' });
  await code.fill('12');
  await submit.click();
  await expect(page.getByText('That is not a code in full.')).toBeVisible();
  await takeAppCode(database, person);
  await code.fill(appCode(key));
  await submit.click();
  await expect(page.getByText(/was used before. You have 4 more tries/)).toBeVisible();
  await waitForNextTotpStep(database, person);
  const digits = appCode(key);
  await code.fill(`${digits.slice(0, 3)} ${digits.slice(3)}`);
  await page.keyboard.press('Enter');
  await isIn(page);

  await page.goto(ACCOUNT_PAGE);
  await page.getByRole('button', { name: 'Remove app' }).click();
  const box = page.getByRole('dialog', { name: 'Remove authenticator app' });
  await box.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(box).toBeHidden();
  expect(await postSignIn(page, where, person)).toBeNull();
});

test('asks for the password again after five wrong codes', async ({ openPage, newUser, database }) => {
  const person = await newUser('settings_viewer');
  const wrong = wrongAppCode((await insertApp(database, person)).key);
  const page = await openPage();
  await enterPassword(page, person);
  for (const left of [4, 3, 2, 1]) {
    await page.getByLabel('Code from your authenticator app').fill(wrong);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByText(`You have ${left} more`)).toBeVisible();
  }
  await page.getByLabel('Code from your authenticator app').fill(wrong);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('Enter your password again.')).toBeVisible();
  await expect(page.getByLabel('Password', { exact: true })).toBeVisible();
});

test('signs out elsewhere when a factor is added', async ({
  openPage,
  signedInAs,
  newUser,
  database,
  where,
}) => {
  const person = await newUser('settings_administrator');
  const elsewhere = await openPage();
  expect(await postSignIn(elsewhere, where, person)).toBeNull();
  const cookies = await elsewhere.context().storageState();
  expect(await responsesTo(where, cookies, LIST)).toEqual(['200']);
  const page = await signedInAs(person);
  await setUpApp(page);
  expect(await responsesTo(where, cookies, LIST)).toEqual(['307 /sign-in']);
  await page.goto(LIST);
  await expect(page).toHaveURL(new RegExp(LIST));
  const { rows } = await database.execute(
    sql`select method, user_agent is not null as browser, address is not null as address from sessions
        join users on users.id = sessions.user_id where users.email = ${person.email}`,
  );
  expect(rows).toContainEqual({ method: 'password', browser: true, address: true });
});
