import { sql } from 'drizzle-orm';
import {
  ACCOUNT_PAGE,
  addPasskey,
  appCode,
  enterPassword,
  isIn,
  letAppMoveOn,
  setUpApp,
  signOut,
  takeAppCode,
  takeCodes,
  virtualAuthenticator,
} from './fixtures/factors.ts';
import { LIST, signIn } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

test('a passkey signs in alone, and after a password, until it is removed', async ({
  openPage,
  newUser,
  outbox,
}) => {
  const person = await newUser('settings_administrator');
  const page = await openPage();
  await virtualAuthenticator(page);
  await signIn(page, person);
  await addPasskey(page, 'My phone');
  await takeCodes(page);
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
  await signIn(page, person);
  await expect(page).toHaveURL(new RegExp(LIST));
});

test('a passkey is renamed, and a device takes no second one', async ({ openPage, newUser }) => {
  const page = await openPage();
  await virtualAuthenticator(page);
  await signIn(page, await newUser(null));
  await addPasskey(page, 'One');
  await takeCodes(page);
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

test('a device that verifies nobody signs nobody in', async ({ openPage, newUser }) => {
  const page = await openPage();
  const { session, id } = await virtualAuthenticator(page);
  await signIn(page, await newUser('settings_viewer'));
  await addPasskey(page, 'My phone');
  await takeCodes(page);
  await signOut(page);
  await session.send('WebAuthn.setUserVerified', { authenticatorId: id, isUserVerified: false });
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'No passkey was used' })).toBeVisible();
  await expect(page).toHaveURL(/\/sign-in/);
});

test('an authenticator app: set up, asked for, wrong, right, and removed', async ({
  openPage,
  newUser,
  database,
}) => {
  const person = await newUser('settings_administrator');
  const page = await openPage();
  await signIn(page, person);
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
  await letAppMoveOn(database, person);
  const digits = appCode(key);
  await code.fill(`${digits.slice(0, 3)} ${digits.slice(3)}`);
  await page.keyboard.press('Enter');
  await isIn(page);

  await page.goto(ACCOUNT_PAGE);
  await page.getByRole('button', { name: 'Remove app' }).click();
  const box = page.getByRole('dialog', { name: 'Remove authenticator app' });
  await box.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(box).toBeHidden();
  await signOut(page);
  await signIn(page, person);
});

test('five wrong codes, and the password is asked for again', async ({ openPage, newUser }) => {
  const person = await newUser('settings_viewer');
  const page = await openPage();
  await signIn(page, person);
  const { key } = await setUpApp(page);
  await signOut(page);
  await enterPassword(page, person);
  const right = appCode(key);
  const wrong = String((Number(right) + 500_001) % 1_000_000).padStart(6, '0');
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

test('a factor that is added signs the person out elsewhere', async ({ openPage, newUser, database }) => {
  const person = await newUser('settings_administrator');
  const [page, elsewhere] = [await openPage(), await openPage()];
  await signIn(elsewhere, person);
  await signIn(page, person);
  await setUpApp(page);
  await elsewhere.goto(LIST);
  await expect(elsewhere).toHaveURL(/\/sign-in/);
  await page.goto(LIST);
  await expect(page).toHaveURL(new RegExp(LIST));
  const { rows } = await database.execute(
    sql`select method, user_agent is not null as browser, address is not null as address from sessions
        join users on users.id = sessions.user_id where users.email = ${person.email}`,
  );
  expect(rows).toContainEqual({ method: 'password', browser: true, address: true });
});
