import { sql } from 'drizzle-orm';
import { FIRST_ADMINISTRATOR } from './fixtures/global-setup.ts';
import { dialog, fillNewAccount, fillSignIn, LIST, signIn, someDetails } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

const WRONG = 'The email address or the password is not right.';

test('a wrong password and an unknown address get the same answer', async ({ openPage }) => {
  const page = await openPage();
  const alert = page.getByRole('alert').filter({ hasText: WRONG });
  await page.goto('/sign-in');
  await fillSignIn(page, { ...FIRST_ADMINISTRATOR, password: 'not the password' });
  await expect(alert).toBeVisible();
  await page.goto('/sign-in');
  await fillSignIn(page, { email: 'nobody@example.org', password: 'not the password' });
  await expect(alert).toBeVisible();
  await expect(page).toHaveURL(/\/sign-in/);
});

test('signing in leads to the list; the address may be in capitals', async ({ openPage, newUser }) => {
  const { email, password } = await newUser('settings_administrator');
  const page = await openPage();
  await signIn(page, { email: email.toUpperCase(), password });
  await expect(page).toHaveURL(new RegExp(`${LIST}$`));
  await expect(page.getByRole('heading', { name: 'API Accounts', level: 1 })).toBeVisible();
});

test('someone not signed in is sent to sign in, and back afterwards', async ({ openPage, newUser }) => {
  const page = await openPage();
  await page.goto(`${LIST}?search=Contoso+%26+Sons`);
  await expect(page).toHaveURL(/\/sign-in/);
  await fillSignIn(page, await newUser('settings_viewer'));
  await page.waitForURL(
    (url) => url.pathname === LIST && url.searchParams.get('search') === 'Contoso & Sons',
  );
});

for (const elsewhere of ['https://example.com/', '//example.com/', '/\\example.com', 'javascript:alert(1)']) {
  test(`signing in never leads to another site: ${elsewhere}`, async ({ openPage, newUser, where }) => {
    const page = await openPage();
    await page.goto(LIST);
    await page.waitForURL((url) => url.pathname === '/sign-in');
    const address = new URL(page.url());
    const names = [...address.searchParams.keys()];
    expect(names).toHaveLength(1);
    address.searchParams.set(names[0] ?? '', elsewhere);
    await page.goto(address.href);
    await fillSignIn(page, await newUser('settings_viewer'));
    await page.waitForURL((url) => url.pathname !== '/sign-in');
    expect(new URL(page.url()).origin).toBe(where.webUrl);
  });
}

test('someone without a role is told which one is needed, and shown no page that is not theirs', async ({
  openPage,
  newUser,
}) => {
  const page = await openPage();
  await signIn(page, await newUser(null));
  await expect(page.getByRole('main')).toContainText('Settings Administrator');
  await expect(page.getByRole('main')).toContainText('Settings Viewer');
  await expect(page.getByText('A new role signs you out: sign in again, and you have it.')).toBeVisible();
  await expect(page.getByRole('table')).toHaveCount(0);
  const places = page.getByRole('navigation', { name: 'Settings' });
  await expect(places.getByRole('link')).toHaveText(['Your account']);
});

test('a viewer sees the list and no button that changes anything', async ({ viewer }) => {
  await viewer.goto(LIST);
  await expect(viewer.getByRole('heading', { name: 'API Accounts', level: 1 })).toBeVisible();
  await expect(viewer.getByRole('button', { name: /New API Account|Reset API Key/ })).toHaveCount(0);
});

test('taking the role away works at the next click', async ({ openPage, newUser, database }) => {
  const person = await newUser('settings_administrator');
  const page = await openPage();
  await signIn(page, person);
  const details = someDetails();
  const box = await fillNewAccount(page, details);
  await database.execute(sql`update users set role = null where email = ${person.email}`);
  await box.getByRole('button', { name: 'Create API Account' }).click();
  await expect(box.getByText(/Settings Administrator/)).toBeVisible();
  const { rows } = await database.execute(
    sql`select 1 from api_accounts where username = ${details.username}`,
  );
  expect(rows).toEqual([]);
  await page.goto(LIST);
  await expect(page.getByRole('table')).toHaveCount(0);
});

test('someone who was deactivated is out at the next click', async ({ openPage, newUser, database }) => {
  const person = await newUser('settings_administrator');
  const page = await openPage();
  await signIn(page, person);
  await database.execute(sql`update users set active = false where email = ${person.email}`);
  await page.goto(LIST);
  await expect(page).toHaveURL(/\/sign-in/);
  await fillSignIn(page, person);
  await expect(page.getByText(WRONG)).toBeVisible();
});

test('signing out ends the session for its cookies too', async ({ openPage, newUser }) => {
  const page = await openPage();
  await signIn(page, await newUser('settings_administrator'));
  await page.goto(LIST);
  const cookies = await page.context().storageState();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  const other = await openPage(cookies);
  await other.goto(LIST);
  await expect(other).toHaveURL(/\/sign-in/);
});

for (const [what, column, age] of [
  ['30 idle minutes', 'last_seen_at', '30 minutes 1 second'],
  ['12 hours', 'created_at', '12 hours 1 second'],
] as const) {
  test(`a session ends after ${what}`, async ({ openPage, newUser, database }) => {
    const person = await newUser('settings_administrator');
    const page = await openPage();
    await signIn(page, person);
    await page.goto(LIST);
    await expect(page).toHaveURL(new RegExp(LIST));
    await database.execute(
      sql`update sessions set ${sql.identifier(column)} = now() - ${age}::interval
          from users where users.id = sessions.user_id and users.email = ${person.email}`,
    );
    await page.goto(LIST);
    await expect(page).toHaveURL(/\/sign-in/);
  });
}

test('a session that ended while a dialog was open loses nothing that was typed', async ({
  openPage,
  newUser,
  database,
}) => {
  const person = await newUser('settings_administrator');
  const page = await openPage();
  await signIn(page, person);
  const details = someDetails();
  const box = await fillNewAccount(page, details);
  await database.execute(
    sql`update sessions set ended_at = now() from users
        where users.id = sessions.user_id and users.email = ${person.email}`,
  );
  await box.getByRole('button', { name: 'Create API Account' }).click();
  await expect(box.getByRole('link', { name: /Sign in/ })).toBeVisible();
  await expect(box.getByLabel('Username')).toHaveValue(details.username);
  await signIn(await page.context().newPage(), person);
  await box.getByRole('button', { name: 'Create API Account' }).click();
  await expect(dialog(page, 'New API Account')).toBeHidden();
});

test('too many wrong passwords are throttled, and the right one too for a while', async ({
  openPage,
  newUser,
}) => {
  const person = await newUser('settings_viewer');
  const page = await openPage();
  await page.goto('/sign-in');
  const throttled = page.getByText('There have been too many attempts.');
  const wrong = page.getByText(WRONG);
  for (let attempt = 0; attempt < 30; attempt += 1) {
    const answered = page.waitForResponse((response) =>
      response.url().includes('/api/auth/callback/credentials'),
    );
    await fillSignIn(page, { ...person, password: `wrong ${attempt}` });
    await answered;
    await expect(throttled.or(wrong)).toBeVisible();
    if (await throttled.isVisible()) break;
  }
  await expect(throttled).toBeVisible();
  await fillSignIn(page, person);
  await expect(throttled).toBeVisible();
  await expect(page).toHaveURL(/\/sign-in/);
});
