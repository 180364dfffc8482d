import { eq, sql } from 'drizzle-orm';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import { atScale } from '#lib/testing/scale.ts';
import { FIRST_ADMINISTRATOR } from './fixtures/global-setup.ts';
import { dialog, fillNewAccount, fillSignIn, LIST, signIn, someDetails } from './fixtures/pages.ts';
import { postSignIn, responsesTo } from './fixtures/sign-in.ts';
import { expect, test } from './fixtures/test.ts';

const WRONG = 'The email address or the password is not right.';
const ELSEWHERE = ['//example.com/', 'https://example.com/', '/\\example.com', 'javascript:alert(1)'];

test('gives the same response to a wrong password and an unknown address', async ({ openPage }) => {
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

test('leads to the list after a sign-in, with the address in capitals too', async ({ openPage, newUser }) => {
  const { email, password } = await newUser('settings_administrator');
  const page = await openPage();
  await signIn(page, { email: email.toUpperCase(), password });
  await expect(page).toHaveURL(new RegExp(`${LIST}$`));
  await expect(page.getByRole('heading', { name: 'API Accounts', level: 1 })).toBeVisible();
});

test('sends an anonymous visitor to sign in, and back afterwards', async ({ openPage, newUser }) => {
  const page = await openPage();
  await page.goto(`${LIST}?search=Contoso+%26+Sons`);
  await expect(page).toHaveURL(/\/sign-in/);
  await fillSignIn(page, await newUser('settings_viewer'));
  await page.waitForURL(
    (url) => url.pathname === LIST && url.searchParams.get('search') === 'Contoso & Sons',
  );
});

test('redirects a signed-in user to no other site', async ({ newSession, where }) => {
  const { cookies } = await newSession('settings_viewer');
  const ask = (then: string) => responsesTo(where, cookies, `/sign-in?then=${encodeURIComponent(then)}`);
  for (const then of ELSEWHERE) expect(await ask(then), then).toEqual([`307 ${LIST}`]);
  expect(await ask('/settings/your-account')).toEqual(['307 /settings/your-account']);
});

for (const elsewhere of atScale({ normal: ELSEWHERE.slice(0, 1), soak: ELSEWHERE })) {
  test(`leads to no other site after a sign-in: ${elsewhere}`, async ({ openPage, newUser, where }) => {
    const page = await openPage();
    await page.goto(LIST);
    await page.waitForURL((url) => url.pathname === '/sign-in');
    const address = new URL(page.url());
    expect([...address.searchParams.keys()]).toEqual(['then']);
    address.searchParams.set('then', elsewhere);
    await page.goto(address.href);
    await fillSignIn(page, await newUser('settings_viewer'));
    await page.waitForURL((url) => url.pathname !== '/sign-in');
    expect(new URL(page.url()).origin).toBe(where.webUrl);
  });
}

test('shows a user without a role which one is needed, and no page of others', async ({ signedInAs }) => {
  const page = await signedInAs(null);
  await page.goto(LIST);
  await expect(page.getByRole('main')).toContainText('Settings Administrator');
  await expect(page.getByRole('main')).toContainText('Settings Viewer');
  await expect(page.getByText('A new role signs you out: sign in again, and you have it.')).toBeVisible();
  await expect(page.getByRole('table')).toHaveCount(0);
  const places = page.getByRole('navigation', { name: 'Settings' });
  await expect(places.getByRole('link')).toHaveText(['Your account']);
});

test('shows a viewer the list and no button that changes anything', async ({ viewer }) => {
  await viewer.goto(LIST);
  await expect(viewer.getByRole('heading', { name: 'API Accounts', level: 1 })).toBeVisible();
  await expect(viewer.getByRole('button', { name: /New API Account|Reset API Key/ })).toHaveCount(0);
});

test('applies a removed role at the next click', async ({ signedInAs, newUser, database }) => {
  const user = await newUser('settings_administrator');
  const page = await signedInAs(user);
  await page.goto(LIST);
  const details = someDetails();
  const box = await fillNewAccount(page, details);
  await database.update(users).set({ role: null }).where(eq(users.id, user.userId));
  await box.getByRole('button', { name: 'Create API Account' }).click();
  await expect(box.getByText(/Settings Administrator/)).toBeVisible();
  const { rows } = await database.execute(
    sql`select 1 from api_accounts where username = ${details.username}`,
  );
  expect(rows).toEqual([]);
  await page.goto(LIST);
  await expect(page.getByRole('table')).toHaveCount(0);
});

test('signs a deactivated user out at the next click, and refuses their password', async ({
  signedInAs,
  newUser,
  database,
}) => {
  const user = await newUser('settings_administrator');
  const page = await signedInAs(user);
  await database.update(users).set({ active: false }).where(eq(users.id, user.userId));
  await page.goto(LIST);
  await expect(page).toHaveURL(/\/sign-in/);
  await fillSignIn(page, user);
  await expect(page.getByText(WRONG)).toBeVisible();
});

const OLD_COOKIE_REQUESTS = atScale({ normal: 20, soak: 1_000 });

test('accepts no request with the cookie of a session that was signed out', async ({
  openPage,
  newSession,
  where,
}) => {
  const { cookies } = await newSession('settings_administrator');
  const page = await openPage(cookies);
  await page.goto(LIST);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  expect(await responsesTo(where, cookies, LIST, OLD_COOKIE_REQUESTS)).toEqual(['307 /sign-in']);
});

const AGO = (age: string) => sql`now() - ${age}::interval`;

for (const [what, change] of [
  ['was idle for 30 minutes', { lastSeenAt: AGO('30 minutes 1 second') }],
  ['is 12 hours old', { createdAt: AGO('12 hours 1 second') }],
  ['was ended elsewhere', { endedAt: AGO('0 seconds'), endedBecause: 'ended_by_user' }],
] as const) {
  test(`accepts no request of a session that ${what}`, async ({ newSession, database, where }) => {
    const { cookies, sessionId } = await newSession('settings_administrator');
    expect(await responsesTo(where, cookies, LIST)).toEqual(['200']);
    await database.update(sessions).set(change).where(eq(sessions.id, sessionId));
    expect(await responsesTo(where, cookies, LIST, OLD_COOKIE_REQUESTS)).toEqual(['307 /sign-in']);
  });
}

test('loses nothing that was typed if the session ends while a dialog is open', async ({
  openPage,
  newUser,
  newSession,
  database,
}) => {
  const user = await newUser('settings_administrator');
  const { cookies, sessionId } = await newSession(user);
  const page = await openPage(cookies);
  await page.goto(LIST);
  const details = someDetails();
  const box = await fillNewAccount(page, details);
  await database.update(sessions).set({ endedAt: sql`now()` }).where(eq(sessions.id, sessionId));
  await box.getByRole('button', { name: 'Create API Account' }).click();
  await expect(box.getByRole('link', { name: /Sign in/ })).toBeVisible();
  await expect(box.getByLabel('Username')).toHaveValue(details.username);
  await signIn(await page.context().newPage(), user);
  await box.getByRole('button', { name: 'Create API Account' }).click();
  await expect(dialog(page, 'New API Account')).toBeHidden();
});

test('throttles wrong passwords, and the right one too for a while', async ({ openPage, newUser, where }) => {
  const user = await newUser('settings_viewer');
  const page = await openPage();
  const attempt = (_: unknown, index: number) =>
    postSignIn(page, where, { ...user, password: `wrong ${index}` });
  // The first one gets the browser its CSRF cookie; the others are sent at once.
  const errors = [await attempt(null, 0), ...(await Promise.all(Array.from({ length: 11 }, attempt)))];
  // `lib/identity/sign-in/rate-limits.ts`: ten attempts for an account at an address.
  expect(errors.filter((error) => error === 'wrong')).toHaveLength(10);
  expect(errors.filter((error) => error?.startsWith('throttled:'))).toHaveLength(2);
  await page.goto('/sign-in');
  await fillSignIn(page, user);
  await expect(page.getByText('There have been too many attempts.')).toBeVisible();
  await expect(page).toHaveURL(/\/sign-in/);
});
