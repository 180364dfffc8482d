import type { Page } from '@playwright/test';
import { sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { callFromPage, getValidArguments } from './fixtures/callers.ts';
import { insertEmailLink } from './fixtures/email-links.ts';
import { listLocalAuthActions, listLocalAuthMethods, readOwnedRows } from './fixtures/local-auth.ts';
import { insertOtherUser } from './fixtures/other-user.ts';
import { ACCOUNTS_PATH } from './fixtures/pages.ts';
import { WEB_START_TIMEOUT_MS } from './fixtures/services.ts';
import { collectDistinctResponses, postSignIn } from './fixtures/sign-in.ts';
import {
  addProviderUser,
  getSsoButton,
  type InstallationWithProvider,
  signInWithSso,
  useSsoOnlyInstallation,
} from './fixtures/single-sign-on.ts';
import type { Target } from './fixtures/target.ts';
import { test as base, expect, type Installation } from './fixtures/test.ts';
import type { TestUser } from './fixtures/users.ts';

/** Adds a web process that accepts only single sign-on, on the database of `installation`, which accepts passwords. */
const test = base.extend<{ ssoOnlyInstallation: InstallationWithProvider }>({
  ssoOnlyInstallation: [
    ({ installation }, use) => useSsoOnlyInstallation(installation, use),
    { timeout: WEB_START_TIMEOUT_MS },
  ],
});

/** Posts a user's correct password to each of next-auth's local sign-in methods, and expects refusals. */
async function expectSignInRefused(
  page: Page,
  { webUrl }: Installation,
  { user, methods }: { user: TestUser; methods: string[] },
) {
  const { csrfToken } = await (await page.request.get(`${webUrl}/api/auth/csrf`)).json();
  const { email, password } = user;
  for (const method of methods) {
    const response = await page.request.post(`${webUrl}/api/auth/callback/${method}`, {
      form: { csrfToken, email, password, input: '{}', json: 'true' },
      headers: { origin: webUrl, 'sec-fetch-site': 'same-origin' },
    });
    expect(response.ok(), method).toBe(false);
  }
}

type LocalAuthTargets = { database: Database; user: TestUser; methods: string[]; invited: Target['invited'] };

/** Calls every action for passwords, passkeys and codes with valid arguments, and expects refusals. */
async function expectLocalAuthRefused(
  page: Page,
  ssoOnlyInstallation: Installation,
  { database, user, methods, invited }: LocalAuthTargets,
) {
  const otherUser = await insertOtherUser(database);
  const target = { otherUser, invited } as Target;
  // Backdates the last authentication, so that an accepted re-authentication would change it.
  await database.execute(
    sql`update sessions set authenticated_at = authenticated_at - interval '1 minute' where user_id = ${user.userId}`,
  );
  const readRows = () => readOwnedRows(database, [user.userId, otherUser.userId, invited.userId]);
  const before = await readRows();
  const actions = await listLocalAuthActions();
  expect(actions.length).toBeGreaterThan(10);
  const signedIn = await page.context().storageState();
  const calls = actions.flatMap((action) => [signedIn, undefined].map((cookies) => ({ action, cookies })));
  await Promise.all(
    calls.map(async ({ action, cookies }) => {
      const args = getValidArguments(action, target);
      const response = await callFromPage(ssoOnlyInstallation, { action, args, cookies });
      expect(response, action.name).toMatch(
        cookies ? /"local_auth_disabled"/ : /"(local_auth_disabled|signed_out)"/,
      );
      expect(response, action.name).not.toContain('"ok":true');
    }),
  );
  await expectSignInRefused(page, ssoOnlyInstallation, { user, methods });
  expect(await readRows()).toEqual(before);
}

test.describe('PASSWORD_SIGN_IN=0', () => {
  test('disables local authentication', async ({
    ssoOnlyInstallation,
    openPage,
    newUser,
    newSession,
    database,
    installation,
  }) => {
    const user = await newUser('settings_administrator');
    const { email } = user;
    const { cookies } = await newSession(user);
    expect(await collectDistinctResponses(installation, cookies, ACCOUNTS_PATH)).toEqual(['200']);
    const methods = await listLocalAuthMethods(installation.webUrl);
    expect(methods).toContain('credentials');
    const invitee = await newUser(null);
    const token = await insertEmailLink(database, invitee, 'invitation');
    const invited = { ...invitee, token, invitationId: invitee.userId };
    const page = await openPage(cookies);

    await test.step('signs out users who signed in with a password', async () => {
      await page.goto(ssoOnlyInstallation.webUrl + ACCOUNTS_PATH);
      await expect(page).toHaveURL(/\/sign-in/);
      expect(new URL(page.url()).origin).toBe(ssoOnlyInstallation.webUrl);
      await expect(getSsoButton(page)).toBeEnabled();
      await expect(page.getByLabel('Password')).toHaveCount(0);
      await expect(page.getByRole('button', { name: 'Use a passkey' })).toHaveCount(0);
      await page.context().clearCookies();
    });
    await test.step('refuses the correct password in a direct request', async () => {
      expect(await listLocalAuthMethods(ssoOnlyInstallation.webUrl)).toEqual([]);
      await expectSignInRefused(page, ssoOnlyInstallation, { user, methods });
      expect(
        await collectDistinctResponses(
          ssoOnlyInstallation,
          await page.context().storageState(),
          ACCOUNTS_PATH,
        ),
      ).toEqual(['307 /sign-in']);
    });
    await test.step('refuses direct calls of every action for passwords, passkeys and codes', async () => {
      await signInWithSso(
        page,
        addProviderUser(ssoOnlyInstallation.provider, { email }).login,
        `${ssoOnlyInstallation.webUrl}/sign-in`,
      );
      await expect(page).toHaveURL(ssoOnlyInstallation.webUrl + ACCOUNTS_PATH);
      await expectLocalAuthRefused(page, ssoOnlyInstallation, { database, user, methods, invited });
    });
    await test.step('accepts the password again if local authentication is enabled', async () =>
      expect(await postSignIn(await openPage(), installation, user)).toBe('signed_in'));
  });

  test('invites a user who signs in with single sign-on, and offers no passwords', { tag: '@soak' }, async ({
    ssoOnlyInstallation,
    openPage,
    newUser,
  }) => {
    const { webUrl, provider } = ssoOnlyInstallation;
    const { email } = await newUser('settings_administrator');
    const page = await openPage();
    for (const path of ['/forgotten-password', '/set-password#made-up']) {
      await page.goto(webUrl + path);
      await expect(page.getByRole('heading', { name: 'You don’t need a password' })).toBeVisible();
    }
    await signInWithSso(page, addProviderUser(provider, { email }).login, `${webUrl}/sign-in`);
    await expect(page).toHaveURL(webUrl + ACCOUNTS_PATH);
    await page.goto(`${webUrl}/settings/your-account`);
    await expect(page.getByRole('heading', { name: 'Password' })).toHaveCount(0);
    await expect(page.getByText('aren’t used here')).toBeVisible();
    const colleague = addProviderUser(provider);
    await page.goto(`${webUrl}/settings/users`);
    await page.getByRole('button', { name: 'Invite a user' }).click();
    const box = page.getByRole('dialog');
    await box.getByLabel('Email address').fill(colleague.email);
    await box.getByRole('button', { name: 'Send invitation' }).click();
    await expect(box).toBeHidden();
    const other = await openPage();
    await signInWithSso(other, colleague.login, `${webUrl}/sign-in`);
    await expect(other).toHaveURL(webUrl + ACCOUNTS_PATH);
  });
});
