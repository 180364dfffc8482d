import { eq, sql } from 'drizzle-orm';
import { sessions } from '#db/schema/sessions.ts';
import { users } from '#db/schema/users.ts';
import { atScale } from '#lib/testing/scale.ts';
import { FIRST_ADMINISTRATOR } from './fixtures/global-setup.ts';
import {
  ACCOUNTS_PATH,
  createDetails,
  fillNewAccount,
  getDialog,
  signIn,
  submitSignIn,
} from './fixtures/pages.ts';
import { collectDistinctResponses, postSignIn } from './fixtures/sign-in.ts';
import { expect, test } from './fixtures/test.ts';

const WRONG_CREDENTIALS = 'That email address or password isn’t right.';
const OTHER_SITES = ['//example.com/', 'https://example.com/', '/\\example.com', 'javascript:alert(1)'];

/** The number of requests with the cookie of an ended session. */
const OLD_COOKIE_REQUESTS = atScale({ normal: 20, soak: 1_000 });

const timeAgo = (age: string) => sql`now() - ${age}::interval`;

test.describe('sign-in', () => {
  test('shows the same error for a wrong password and an unknown email address', async ({ openPage }) => {
    const page = await openPage();
    const alert = page.getByRole('alert').filter({ hasText: WRONG_CREDENTIALS });
    await page.goto('/sign-in');
    await submitSignIn(page, { ...FIRST_ADMINISTRATOR, password: 'not the password' });
    await expect(alert).toBeVisible();
    await page.goto('/sign-in');
    await submitSignIn(page, { email: 'unknown@example.org', password: 'not the password' });
    await expect(alert).toBeVisible();
    await expect(page).toHaveURL(/\/sign-in/);
  });

  test('accepts the email address in capitals, and opens the list of API accounts', async ({
    openPage,
    newUser,
  }) => {
    const { email, password } = await newUser('settings_administrator');
    const page = await openPage();
    await signIn(page, { email: email.toUpperCase(), password });
    await expect(page).toHaveURL(new RegExp(`${ACCOUNTS_PATH}$`));
    await expect(page.getByRole('heading', { name: 'API Accounts', level: 1 })).toBeVisible();
  });

  test('redirects an anonymous visitor to the sign-in page, and back afterwards', { tag: '@soak' }, async ({
    openPage,
    newUser,
  }) => {
    const page = await openPage();
    await page.goto(`${ACCOUNTS_PATH}?search=Contoso+%26+Sons`);
    await expect(page).toHaveURL(/\/sign-in/);
    await submitSignIn(page, await newUser('settings_viewer'));
    await page.waitForURL(
      (url) => url.pathname === ACCOUNTS_PATH && url.searchParams.get('search') === 'Contoso & Sons',
    );
  });

  test('does not redirect a signed-in user to other sites', async ({ newSession, installation }) => {
    const { cookies } = await newSession('settings_viewer');
    const requestSignIn = (then: string) =>
      collectDistinctResponses(installation, cookies, `/sign-in?then=${encodeURIComponent(then)}`);
    for (const then of OTHER_SITES) expect(await requestSignIn(then), then).toEqual([`307 ${ACCOUNTS_PATH}`]);
    expect(await requestSignIn('/settings/your-account')).toEqual(['307 /settings/your-account']);
  });

  for (const otherSite of OTHER_SITES) {
    test(`does not redirect to another site after a sign-in: ${otherSite}`, { tag: '@soak' }, async ({
      openPage,
      newUser,
      installation,
    }) => {
      const page = await openPage();
      await page.goto(ACCOUNTS_PATH);
      await page.waitForURL((url) => url.pathname === '/sign-in');
      const signInUrl = new URL(page.url());
      expect([...signInUrl.searchParams.keys()]).toEqual(['then']);
      signInUrl.searchParams.set('then', otherSite);
      await page.goto(signInUrl.href);
      await submitSignIn(page, await newUser('settings_viewer'));
      await page.waitForURL((url) => url.pathname !== '/sign-in');
      expect(new URL(page.url()).origin).toBe(installation.webUrl);
    });
  }

  test('shows a user without a role which roles give access, and links only to their account', {
    tag: '@soak',
  }, async ({ signedInAs }) => {
    const page = await signedInAs(null);
    await page.goto(ACCOUNTS_PATH);
    await expect(page.getByRole('main')).toContainText('Settings Administrator');
    await expect(page.getByRole('main')).toContainText('Settings Viewer');
    await expect(page.getByRole('main')).toContainText('then sign in again');
    await expect(page.getByRole('table')).toHaveCount(0);
    const navigation = page.getByRole('navigation', { name: 'Settings' });
    await expect(navigation.getByRole('link')).toHaveText(['Your account']);
  });

  test('shows a viewer the list of API accounts without buttons that change them', { tag: '@soak' }, async ({
    viewer,
  }) => {
    await viewer.goto(ACCOUNTS_PATH);
    await expect(viewer.getByRole('heading', { name: 'API Accounts', level: 1 })).toBeVisible();
    await expect(viewer.getByRole('button', { name: /New API Account|Reset API Key/ })).toHaveCount(0);
  });

  test('applies the removal of a role at the next click', { tag: '@soak' }, async ({
    signedInAs,
    newUser,
    database,
  }) => {
    const user = await newUser('settings_administrator');
    const page = await signedInAs(user);
    await page.goto(ACCOUNTS_PATH);
    const details = createDetails();
    const box = await fillNewAccount(page, details);
    await database.update(users).set({ role: null }).where(eq(users.id, user.userId));
    await box.getByRole('button', { name: 'Create API Account' }).click();
    await expect(box.getByText(/Settings Administrator/)).toBeVisible();
    const { rows } = await database.execute(
      sql`select 1 from api_accounts where username = ${details.username}`,
    );
    expect(rows).toEqual([]);
    await page.goto(ACCOUNTS_PATH);
    await expect(page.getByRole('table')).toHaveCount(0);
  });

  test('signs a deactivated user out at the next click, and refuses their password', {
    tag: '@soak',
  }, async ({ signedInAs, newUser, database }) => {
    const user = await newUser('settings_administrator');
    const page = await signedInAs(user);
    await database.update(users).set({ active: false }).where(eq(users.id, user.userId));
    await page.goto(ACCOUNTS_PATH);
    await expect(page).toHaveURL(/\/sign-in/);
    await submitSignIn(page, user);
    await expect(page.getByText(WRONG_CREDENTIALS)).toBeVisible();
  });

  test('refuses every request with the cookie of a session that was signed out', { tag: '@soak' }, async ({
    openPage,
    newSession,
    installation,
  }) => {
    const { cookies } = await newSession('settings_administrator');
    const page = await openPage(cookies);
    await page.goto(ACCOUNTS_PATH);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page).toHaveURL(/\/sign-in/);
    expect(await collectDistinctResponses(installation, cookies, ACCOUNTS_PATH, OLD_COOKIE_REQUESTS)).toEqual(
      ['307 /sign-in'],
    );
  });

  for (const [state, change] of [
    ['was idle for 30 minutes', { lastSeenAt: timeAgo('30 minutes 1 second') }],
    ['is 12 hours old', { createdAt: timeAgo('12 hours 1 second') }],
    ['was ended elsewhere', { endedAt: timeAgo('0 seconds'), endReason: 'ended_by_user' }],
  ] as const) {
    test(`refuses every request of a session that ${state}`, { tag: '@soak' }, async ({
      newSession,
      database,
      installation,
    }) => {
      const { cookies, sessionId } = await newSession('settings_administrator');
      expect(await collectDistinctResponses(installation, cookies, ACCOUNTS_PATH)).toEqual(['200']);
      await database.update(sessions).set(change).where(eq(sessions.id, sessionId));
      expect(
        await collectDistinctResponses(installation, cookies, ACCOUNTS_PATH, OLD_COOKIE_REQUESTS),
      ).toEqual(['307 /sign-in']);
    });
  }

  test('keeps the input if the session ends while a dialog is open', { tag: '@soak' }, async ({
    openPage,
    newUser,
    newSession,
    database,
  }) => {
    const user = await newUser('settings_administrator');
    const { cookies, sessionId } = await newSession(user);
    const page = await openPage(cookies);
    await page.goto(ACCOUNTS_PATH);
    const details = createDetails();
    const box = await fillNewAccount(page, details);
    await database.update(sessions).set({ endedAt: sql`now()` }).where(eq(sessions.id, sessionId));
    await box.getByRole('button', { name: 'Create API Account' }).click();
    await expect(box.getByRole('link', { name: /Sign in/ })).toBeVisible();
    await expect(box.getByLabel('Username')).toHaveValue(details.username);
    await signIn(await page.context().newPage(), user);
    await box.getByRole('button', { name: 'Create API Account' }).click();
    await expect(getDialog(page, 'New API Account')).toBeHidden();
  });

  test('limits wrong passwords, and then also refuses the correct one', async ({
    openPage,
    newUser,
    installation,
  }) => {
    const user = await newUser('settings_viewer');
    const page = await openPage();
    const tryPassword = (_: unknown, index: number) =>
      postSignIn(page, installation, { ...user, password: `wrong ${index}` });
    // The first attempt gets the CSRF cookie, so that the others can run concurrently.
    const results = [
      await tryPassword(null, 0),
      ...(await Promise.all(Array.from({ length: 11 }, tryPassword))),
    ];
    // `lib/identity/sign-in/rate-limits.ts` allows ten attempts per user and IP address.
    expect(results.filter((result) => result === 'wrong_credentials')).toHaveLength(10);
    expect(results.filter((result) => result.startsWith('rate_limited:'))).toHaveLength(2);
    await page.goto('/sign-in');
    await submitSignIn(page, user);
    await expect(page.getByText('Too many attempts. Try again in')).toBeVisible();
    await expect(page).toHaveURL(/\/sign-in/);
  });
});
