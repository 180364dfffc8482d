import type { APIRequestContext, Page } from '@playwright/test';
import { sql } from 'drizzle-orm';
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
import { ACCOUNTS_PATH, createAccount, fillNewAccount, uniqueDetails } from './fixtures/pages.ts';
import { distinctResponses, postSignIn } from './fixtures/sign-in.ts';
import {
  ADMINISTRATOR,
  addProviderUser,
  expect,
  insertSsoSession,
  signInWithSso,
  ssoButton,
  test,
} from './fixtures/single-sign-on.ts';
import type { Cookies } from './fixtures/test.ts';

/** Signs in with single sign-on, without a page. @returns the last response */
async function signInOverHttp(browser: APIRequestContext, webUrl: string, login: string) {
  const back = await signInAtProviderOverHttp(browser, await startSsoOverHttp(browser, webUrl), login);
  return browser.get(back.href);
}

type Fixtures = {
  openPage: (cookies: Cookies) => Promise<Page>;
  provider: OpenidProvider;
  database: Database;
};

/** Opens the list for an administrator who signed in at the provider 15 minutes ago. */
async function openListWithoutRecentAuth({ openPage, provider, database }: Fixtures) {
  const administrator = await insertSsoSession(database, provider, ADMINISTRATOR);
  await expireRecentAuth(database, administrator);
  const page = await openPage(administrator.cookies);
  await page.goto(ACCOUNTS_PATH);
  return { page, ...administrator };
}

/** Submits a new account without recent authentication, up to the dialog that asks for it. */
async function createWithoutRecentAuth(page: Page) {
  const details = uniqueDetails();
  const box = await fillNewAccount(page, details);
  await box.getByRole('button', { name: 'Create API Account' }).click();
  return { details, box, reauth: page.getByRole('dialog', { name: 'Confirm it’s you' }) };
}

test.describe('single sign-on', () => {
  test('accepts a new user whose claim contains a role, and opens the requested page', async ({
    openPage,
    provider,
  }) => {
    const { login, email } = addProviderUser(provider, { roles: ['staff', 'api-admins'] });
    const page = await openPage();
    await signInWithSso(page, login, '/settings/users');
    await expect(page).toHaveURL(/\/settings\/users$/);
    await expect(page.getByRole('row').filter({ hasText: email })).toContainText('Settings Administrator');
    await createAccount(page);
    await page.goto('/settings/your-account');
    await expect(page.getByRole('region', { name: 'Single sign-on' })).toContainText(
      'You sign in with Northwind',
    );
    const here = page.getByRole('region', { name: 'Where you’re signed in' });
    await expect(here).toContainText('with single sign-on');
  });

  test('applies a changed role from the next sign-in', async ({
    openPage,
    provider,
    database,
    installation,
  }) => {
    const { login, email, cookies } = await insertSsoSession(database, provider, ADMINISTRATOR);
    expect(await distinctResponses(installation, cookies, ACCOUNTS_PATH)).toEqual(['200']);
    provider.users.set(login, { email, email_verified: true, roles: ['staff'] });
    const page = await openPage();
    await signInWithSso(page, login);
    await expect(page.getByRole('heading', { name: 'API Accounts', level: 1 })).toBeVisible();
    await expect(page.getByRole('button', { name: 'New API Account' })).toHaveCount(0);
    expect(await distinctResponses(installation, cookies, ACCOUNTS_PATH)).toEqual(['307 /sign-in']);
  });

  test('rejects an unknown user and an unverified address, and shows the reason', async ({
    openPage,
    newRequestContext,
    provider,
    installation: { webUrl },
  }) => {
    const page = await openPage();
    await signInWithSso(page, addProviderUser(provider).login);
    await expect(page).toHaveURL(/\/sign-in\?failed=unknown$/);
    await expect(page.getByRole('alert').first()).toContainText('Ask a Settings Administrator');
    expect(await findViolations(page)).toEqual([]);
    const other = await newRequestContext();
    const unverified = { email: 'ada@example.org', email_verified: false, roles: ['api-admins'] };
    const refused = await signInOverHttp(other, webUrl, addProviderUser(provider, unverified).login);
    expect(await refused.text()).toContain('hasn’t verified your email address');
    expect(new URL((await other.get(ACCOUNTS_PATH)).url()).pathname).toBe('/sign-in');
  });

  test('rejects malformed claims, and records this', async ({
    newRequestContext,
    provider,
    database,
    installation: { webUrl },
  }) => {
    const { login, email } = addProviderUser(provider);
    const spaced = `${login} and a space`;
    provider.users.set(spaced, { email, email_verified: true, roles: ['api-admins'] });
    const refused = await signInOverHttp(await newRequestContext(), webUrl, spaced);
    expect(refused.url()).toBe(`${webUrl}/sign-in?failed=failed`);
    const { rows } = await database.execute(sql`select action, user_id, outcome, details from audit_events
    where details ->> 'subject' = ${spaced}`);
    const details = { method: 'oidc', reason: 'malformed', issuer: provider.issuer, subject: spaced };
    expect(rows).toEqual([{ action: 'sign_in.failed', user_id: null, outcome: 'refused', details }]);
  });

  test('accepts an invited user, who keeps a password', async ({
    openPage,
    newRequestContext,
    newUser,
    provider,
    installation,
  }) => {
    const user = await newUser('settings_administrator');
    const { login } = addProviderUser(provider, { email: user.email.toUpperCase(), roles: ['api-admins'] });
    const list = await signInOverHttp(await newRequestContext(), installation.webUrl, login);
    expect(list.url()).toBe(installation.webUrl + ACCOUNTS_PATH);
    expect(await postSignIn(await openPage(), installation, user)).toBeNull();
  });

  test('re-authenticates at the provider after 15 minutes, and keeps the input', async ({
    openPage,
    provider,
    database,
  }) => {
    const { page, login } = await openListWithoutRecentAuth({ openPage, provider, database });
    const { details, box, reauth } = await createWithoutRecentAuth(page);
    const opened = page.waitForEvent('popup');
    await reauth.getByRole('button', { name: 'Confirm with Northwind' }).click();
    const popup = await opened;
    // Another user of the provider is rejected.
    const otherUser = addProviderUser(provider, { roles: 'api-admins' });
    await signInAtProvider(popup, otherUser.login);
    await expect(popup.getByRole('alert').first()).toContainText('isn’t the Northwind account');
    await ssoButton(popup).click();
    await signInAtProvider(popup, login);
    // The dialog behind counts as hidden while this one is open, so wait for the toast first.
    await expect(page.getByText(`${details.username} created`)).toBeVisible();
    await expect(box).toBeHidden();
  });

  test('shows that the role has changed, and continues after another sign-in', async ({
    openPage,
    provider,
    database,
  }) => {
    const { page, login, email } = await openListWithoutRecentAuth({ openPage, provider, database });
    const { details, box, reauth } = await createWithoutRecentAuth(page);
    const opened = page.waitForEvent('popup');
    provider.users.set(login, { email, email_verified: true, roles: ['staff'] });
    await reauth.getByRole('button', { name: 'Confirm with Northwind' }).click();
    const popup = await opened;
    await signInAtProvider(popup, login);
    for (const view of [popup, reauth])
      await expect(view.getByRole('alert').first()).toContainText('Your role in Northwind has changed');
    expect(await findViolations(popup)).toEqual([]);
    // The browser has no session any more.
    const other = await page.context().newPage();
    await other.goto(ACCOUNTS_PATH);
    await expect(other).toHaveURL(/\/sign-in/);
    const closed = popup.waitForEvent('close');
    await ssoButton(popup).click();
    await closed;
    await expect(reauth).toBeHidden();
    await expect(box.getByRole('alert').first()).toContainText('Only a Settings Administrator can do this');
    await expect(box.getByLabel('Email address')).toHaveValue(details.email);
    await page.goto(ACCOUNTS_PATH);
    await expect(page.getByRole('button', { name: 'New API Account' })).toHaveCount(0);
  });

  test('shows errors of the callback, and signs no user in', async ({
    openPage,
    newRequestContext,
    provider,
    installation: { webUrl },
  }) => {
    const browser = await newRequestContext();
    const callback = '/api/auth/callback/oidc';
    const expired = await browser.get(`${callback}?code=made-up&state=made-up`);
    expect(expired.url()).toBe(`${webUrl}/sign-in?failed=over`);
    expect(await expired.text()).toContain('Try again');
    await startSsoOverHttp(browser, webUrl);
    const failed = await browser.get(`${callback}?code=made-up&state=made-up`);
    expect(failed.url()).toBe(`${webUrl}/sign-in?failed=failed`);
    await startSsoOverHttp(browser, webUrl);
    const denied = await browser.get(`${callback}?error=access_denied`);
    expect(await denied.text()).toContain('Sign-in with Northwind failed');
    expect(new URL((await browser.get(ACCOUNTS_PATH)).url()).pathname).toBe('/sign-in');
    const page = await openPage();
    await page.goto('/sign-in?failed=<b>made-up</b>');
    await expect(ssoButton(page)).toBeEnabled();
    await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toHaveCount(0);
    await ssoButton(page).click();
    await signInAtProvider(page, addProviderUser(provider, { roles: 'api-admins' }).login);
    await expect(page).toHaveURL(ACCOUNTS_PATH);
  });

  test('fits every width and passes axe in every colour scheme', async ({
    openPage,
    provider,
    database,
  }, testInfo) => {
    const page = await openPage();
    await page.goto('/sign-in?failed=other_identity');
    await expect(ssoButton(page)).toBeEnabled();
    await checkAppearance(page, testInfo, 'refused sign-in');
    const { cookies } = await insertSsoSession(database, provider, ADMINISTRATOR);
    const popup = await openPage(cookies);
    await popup.goto('/sign-in/confirmed?failed=not_fresh');
    await expect(ssoButton(popup)).toBeEnabled();
    await checkAppearance(popup, testInfo, 'refused re-authentication');
  });
});
