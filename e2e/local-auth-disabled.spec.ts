import type { Page } from '@playwright/test';
import { sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { callFromPage, validArguments } from './fixtures/callers.ts';
import { listLocalAuthActions, listLocalAuthMethods, readOwnedRows } from './fixtures/local-auth.ts';
import { insertOtherUser } from './fixtures/other-user.ts';
import { ACCOUNTS_PATH } from './fixtures/pages.ts';
import { START_WEB_MS } from './fixtures/services.ts';
import { distinctResponses, postSignIn } from './fixtures/sign-in.ts';
import {
  addProviderUser,
  type InstallationWithProvider,
  signInWithSso,
  ssoButton,
  useLocalAuthDisabled,
} from './fixtures/single-sign-on.ts';
import type { Target } from './fixtures/target.ts';
import { test as base, expect, type Installation } from './fixtures/test.ts';
import { insertUserLink } from './fixtures/user-links.ts';
import type { TestUser } from './fixtures/users.ts';

/** `ssoOnly` has a web process that accepts only single sign-on; that of `installation` accepts passwords too. */
const test = base.extend<{ ssoOnly: InstallationWithProvider }>({
  ssoOnly: [({ installation }, use) => useLocalAuthDisabled(installation, use), { timeout: START_WEB_MS }],
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
      form: { csrfToken, email, password, answer: '{}', json: 'true' },
      headers: { origin: webUrl, 'sec-fetch-site': 'same-origin' },
    });
    expect(response.ok(), method).toBe(false);
  }
}

type LocalAuth = { database: Database; user: TestUser; methods: string[]; invited: Target['invited'] };

/** Calls every action for passwords, passkeys and codes with valid arguments, and expects refusals. */
async function expectLocalAuthRefused(
  page: Page,
  ssoOnly: Installation,
  { database, user, methods, invited }: LocalAuth,
) {
  const otherUser = await insertOtherUser(database);
  const target = { otherUser, invited } as Target;
  // Backdated, so that an accepted re-authentication would change it.
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
      const args = validArguments(action, target);
      const response = await callFromPage(ssoOnly, { action, args, cookies });
      expect(response, action.name).toMatch(
        cookies ? /"local_auth_disabled"/ : /"(local_auth_disabled|signed_out)"/,
      );
      expect(response, action.name).not.toContain('"ok":true');
    }),
  );
  await expectSignInRefused(page, ssoOnly, { user, methods });
  expect(await readRows()).toEqual(before);
}

test.describe('PASSWORD_SIGN_IN=0', () => {
  test('disables local authentication, and enables it again', async ({
    ssoOnly,
    openPage,
    newUser,
    newSession,
    database,
    installation,
  }) => {
    const user = await newUser('settings_administrator');
    const { email } = user;
    const { cookies } = await newSession(user);
    expect(await distinctResponses(installation, cookies, ACCOUNTS_PATH)).toEqual(['200']);
    const methods = await listLocalAuthMethods(installation.webUrl);
    expect(methods).toContain('credentials');
    const invitee = await newUser(null);
    const token = await insertUserLink(database, invitee, 'invitation');
    const invited = { ...invitee, token };

    await test.step('signs out users who signed in with a password', async () => {
      const page = await openPage(cookies);
      await page.goto(ssoOnly.webUrl + ACCOUNTS_PATH);
      await expect(page).toHaveURL(/\/sign-in/);
      expect(new URL(page.url()).origin).toBe(ssoOnly.webUrl);
      await expect(ssoButton(page)).toBeEnabled();
      await expect(page.getByLabel('Password')).toHaveCount(0);
      await expect(page.getByRole('button', { name: 'Use a passkey' })).toHaveCount(0);
      for (const path of ['/forgotten-password', '/set-password#made-up']) {
        await page.goto(ssoOnly.webUrl + path);
        await expect(page.getByRole('heading', { name: 'You don’t need a password' })).toBeVisible();
      }
    });
    const page = await openPage();
    await test.step('refuses the correct password in a direct request', async () => {
      expect(await listLocalAuthMethods(ssoOnly.webUrl)).toEqual([]);
      await expectSignInRefused(page, ssoOnly, { user, methods });
      expect(await distinctResponses(ssoOnly, await page.context().storageState(), ACCOUNTS_PATH)).toEqual([
        '307 /sign-in',
      ]);
    });
    await test.step('accepts single sign-on of the administrator and of a user they invite', async () => {
      await signInWithSso(
        page,
        addProviderUser(ssoOnly.provider, { email }).login,
        `${ssoOnly.webUrl}/sign-in`,
      );
      await expect(page).toHaveURL(ssoOnly.webUrl + ACCOUNTS_PATH);
      await page.goto(`${ssoOnly.webUrl}/settings/your-account`);
      await expect(page.getByRole('heading', { name: 'Password' })).toHaveCount(0);
      await expect(page.getByText('aren’t used here')).toBeVisible();
      const colleague = addProviderUser(ssoOnly.provider);
      await page.goto(`${ssoOnly.webUrl}/settings/users`);
      await page.getByRole('button', { name: 'Invite a user' }).click();
      const box = page.getByRole('dialog');
      await box.getByLabel('Email address').fill(colleague.email);
      await box.getByRole('button', { name: 'Send invitation' }).click();
      await expect(box).toBeHidden();
      const other = await openPage();
      await signInWithSso(other, colleague.login, `${ssoOnly.webUrl}/sign-in`);
      await expect(other).toHaveURL(ssoOnly.webUrl + ACCOUNTS_PATH);
    });
    await test.step('refuses direct calls of every action for passwords, passkeys and codes', () =>
      expectLocalAuthRefused(page, ssoOnly, { database, user, methods, invited }));
    await test.step('accepts the password again if local authentication is enabled', async () => {
      const back = await openPage();
      expect(await postSignIn(back, installation, user)).toBeNull();
      await back.goto(ACCOUNTS_PATH);
      await expect(back).toHaveURL(ACCOUNTS_PATH);
    });
  });
});
