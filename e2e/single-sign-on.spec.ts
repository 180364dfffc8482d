import type { APIRequestContext, Page } from '@playwright/test';
import type { Database } from '#db/client.ts';
import { findViolations } from './fixtures/accessibility.ts';
import { checkAppearance } from './fixtures/appearance.ts';
import { expireRecentAuth } from './fixtures/mfa.ts';
import {
  type OpenidProvider,
  signInAtProvider,
  signInAtProviderOverHttp,
  startSsoOverHttp,
} from './fixtures/openid-provider.ts';
import { ACCOUNTS_PATH, createAccount, createDetails, fillNewAccount } from './fixtures/pages.ts';
import { collectDistinctResponses, postSignIn } from './fixtures/sign-in.ts';
import {
  ADMINISTRATOR,
  addProviderUser,
  expect,
  getSsoButton,
  insertSsoSession,
  signInWithSso,
  test,
  VIEWER,
} from './fixtures/single-sign-on.ts';
import type { Cookies } from './fixtures/test.ts';

/** Signs in with single sign-on, without a browser. @returns the last response */
async function signInOverHttp(browser: APIRequestContext, webUrl: string, login: string) {
  const callbackUrl = await signInAtProviderOverHttp(browser, await startSsoOverHttp(browser, webUrl), login);
  return browser.get(callbackUrl.href);
}

type Fixtures = {
  openPage: (cookies: Cookies) => Promise<Page>;
  provider: OpenidProvider;
  database: Database;
};

/** Opens the list of API accounts for an administrator who signed in at the provider 15 minutes ago. */
async function openListWithoutRecentAuth({ openPage, provider, database }: Fixtures) {
  const administrator = await insertSsoSession(database, provider, ADMINISTRATOR);
  await expireRecentAuth(database, administrator);
  const page = await openPage(administrator.cookies);
  await page.goto(ACCOUNTS_PATH);
  return { page, ...administrator };
}

/** Submits a new account without recent authentication. @returns also the dialog that asks for re-authentication */
async function createWithoutRecentAuth(page: Page) {
  const details = createDetails();
  const box = await fillNewAccount(page, details);
  await box.getByRole('button', { name: 'Create API Account' }).click();
  return { details, box, reauth: page.getByRole('dialog', { name: 'Confirm it’s you' }) };
}

// In one worker, because each worker would start the services of this file.
test.describe.configure({ mode: 'default' });

test.describe('single sign-on', () => {
  test('gives a new user the higher of two roles in the claim, and opens the requested page', {
    tag: '@soak',
  }, async ({ openPage, provider }) => {
    const { login, email } = addProviderUser(provider, {
      roles: [VIEWER.roleClaim, ADMINISTRATOR.roleClaim],
    });
    const page = await openPage();
    await signInWithSso(page, login, '/settings/users');
    await expect(page).toHaveURL(/\/settings\/users$/);
    await expect(page.getByRole('row').filter({ hasText: email })).toContainText('Settings Administrator');
    await createAccount(page);
    await page.goto('/settings/your-account');
    await expect(page.getByRole('region', { name: 'Single sign-on' })).toContainText(
      'You sign in with Northwind',
    );
    const sessionList = page.getByRole('region', { name: 'Where you’re signed in' });
    await expect(sessionList).toContainText('with single sign-on');
  });

  test('applies a changed role at the next sign-in', { tag: '@soak' }, async ({
    openPage,
    provider,
    database,
    installation,
  }) => {
    const { login, email, cookies } = await insertSsoSession(database, provider, ADMINISTRATOR);
    expect(await collectDistinctResponses(installation, cookies, ACCOUNTS_PATH)).toEqual(['200']);
    provider.users.set(login, { email, email_verified: true, roles: [VIEWER.roleClaim] });
    const page = await openPage();
    await signInWithSso(page, login);
    await expect(page.getByRole('heading', { name: 'API Accounts', level: 1 })).toBeVisible();
    await expect(page.getByRole('button', { name: 'New API Account' })).toHaveCount(0);
    expect(await collectDistinctResponses(installation, cookies, ACCOUNTS_PATH)).toEqual(['307 /sign-in']);
  });

  test('rejects an unknown user, an unverified email address and missing claims, and shows the reason', {
    tag: '@soak',
  }, async ({ openPage, newRequestContext, provider, installation: { webUrl } }) => {
    const page = await openPage();
    await signInWithSso(page, addProviderUser(provider, { roles: 'guests' }).login);
    await expect(page).toHaveURL(/\/sign-in\?failed=unknown$/);
    await expect(page.getByRole('alert').first()).toContainText('Ask a Settings Administrator');
    expect(await findViolations(page)).toEqual([]);
    const other = await newRequestContext();
    const unverified = { email: 'ada@example.org', email_verified: false, roles: ['api-admins'] };
    const refused = await signInOverHttp(other, webUrl, addProviderUser(provider, unverified).login);
    expect(await refused.text()).toContain('hasn’t verified your email address');
    const noEmail = { email: undefined, preferred_username: 'ada@example.org', roles: ['api-admins'] };
    const missing = await signInOverHttp(
      await newRequestContext(),
      webUrl,
      addProviderUser(provider, noEmail).login,
    );
    expect(await missing.text()).toContain('Northwind didn’t send the claim “email”');
    const noRole = await signInOverHttp(await newRequestContext(), webUrl, addProviderUser(provider).login);
    expect(await noRole.text()).toContain('the claim with your role, “roles”');
    expect(new URL((await other.get(ACCOUNTS_PATH)).url()).pathname).toBe('/sign-in');
  });

  test('accepts a user who has a password, which stays valid', { tag: '@soak' }, async ({
    openPage,
    newRequestContext,
    newUser,
    provider,
    installation,
  }) => {
    const user = await newUser('settings_administrator');
    const { login } = addProviderUser(provider, { email: user.email.toUpperCase(), roles: ['api-admins'] });
    const response = await signInOverHttp(await newRequestContext(), installation.webUrl, login);
    expect(response.url()).toBe(installation.webUrl + ACCOUNTS_PATH);
    expect(await postSignIn(await openPage(), installation, user)).toBe('signed_in');
  });

  test('re-authenticates at the provider after 15 minutes, and keeps the input', { tag: '@soak' }, async ({
    openPage,
    provider,
    database,
  }) => {
    const { page, login } = await openListWithoutRecentAuth({ openPage, provider, database });
    const { details, box, reauth } = await createWithoutRecentAuth(page);
    const popupPromise = page.waitForEvent('popup');
    await reauth.getByRole('button', { name: 'Confirm with Northwind' }).click();
    const popup = await popupPromise;
    // Another user of the provider is rejected.
    const otherUser = addProviderUser(provider, { roles: 'api-admins' });
    await signInAtProvider(popup, otherUser.login);
    await expect(popup.getByRole('alert').first()).toContainText('isn’t the Northwind account');
    await getSsoButton(popup).click();
    await signInAtProvider(popup, login);
    // Playwright treats the first dialog as hidden while the second one is open, so wait for the toast.
    await expect(page.getByText(`${details.username} created`)).toBeVisible();
    await expect(box).toBeHidden();
  });

  test('shows that the role has changed, and continues after another sign-in', { tag: '@soak' }, async ({
    openPage,
    provider,
    database,
  }) => {
    const { page, login, email } = await openListWithoutRecentAuth({ openPage, provider, database });
    const { details, box, reauth } = await createWithoutRecentAuth(page);
    const popupPromise = page.waitForEvent('popup');
    provider.users.set(login, { email, email_verified: true, roles: [VIEWER.roleClaim] });
    await reauth.getByRole('button', { name: 'Confirm with Northwind' }).click();
    const popup = await popupPromise;
    await signInAtProvider(popup, login);
    for (const view of [popup, reauth])
      await expect(view.getByRole('alert').first()).toContainText('Your role in Northwind has changed');
    expect(await findViolations(popup)).toEqual([]);
    // The browser no longer has a session.
    const other = await page.context().newPage();
    await other.goto(ACCOUNTS_PATH);
    await expect(other).toHaveURL(/\/sign-in/);
    const closePromise = popup.waitForEvent('close');
    await getSsoButton(popup).click();
    await closePromise;
    await expect(reauth).toBeHidden();
    await expect(box.getByRole('alert').first()).toContainText('Only a Settings Administrator can do this');
    await expect(box.getByLabel('Email address')).toHaveValue(details.email);
    await page.goto(ACCOUNTS_PATH);
    await expect(page.getByRole('button', { name: 'New API Account' })).toHaveCount(0);
  });

  test('shows errors of the callback, and starts no session', { tag: '@soak' }, async ({
    openPage,
    newRequestContext,
    provider,
    installation: { webUrl },
  }) => {
    const browser = await newRequestContext();
    const callback = '/api/auth/callback/oidc';
    const expired = await browser.get(`${callback}?code=made-up&state=made-up`);
    expect(expired.url()).toBe(`${webUrl}/sign-in?failed=expired`);
    expect(await expired.text()).toContain('Try again');
    await startSsoOverHttp(browser, webUrl);
    const failed = await browser.get(`${callback}?code=made-up&state=made-up`);
    expect(failed.url()).toBe(`${webUrl}/sign-in?failed=failed`);
    await startSsoOverHttp(browser, webUrl);
    const denied = await browser.get(`${callback}?error=access_denied`);
    expect(await denied.text()).toContain('Sign-in with Northwind failed');
    expect(new URL((await browser.get(ACCOUNTS_PATH)).url()).pathname).toBe('/sign-in');
    // An unknown reason in the URL shows no error, and a sign-in still works.
    const page = await openPage();
    await page.goto('/sign-in?failed=<b>made-up</b>');
    await expect(getSsoButton(page)).toBeEnabled();
    await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toHaveCount(0);
    await getSsoButton(page).click();
    await signInAtProvider(page, addProviderUser(provider, { roles: 'api-admins' }).login);
    await expect(page).toHaveURL(ACCOUNTS_PATH);
  });

  test(
    'fits every width and passes axe',
    { tag: '@soak' },
    async ({ openPage, provider, database }, testInfo) => {
      const page = await openPage();
      await page.goto('/sign-in?failed=email_linked_elsewhere');
      await expect(getSsoButton(page)).toBeEnabled();
      await checkAppearance(page, testInfo, 'refused sign-in');
      const { cookies } = await insertSsoSession(database, provider, ADMINISTRATOR);
      const popup = await openPage(cookies);
      await popup.goto('/sign-in/confirmed?failed=stale_authentication');
      await expect(getSsoButton(popup)).toBeEnabled();
      await checkAppearance(popup, testInfo, 'refused re-authentication');
    },
  );
});
