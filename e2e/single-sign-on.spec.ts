import type { APIRequestContext, Page } from '@playwright/test';
import { sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { expireRecentAuth } from './fixtures/factors.ts';
import { look } from './fixtures/look.ts';
import {
  leaveForProvider,
  type OpenidProvider,
  signInAtProvider,
  signInThere,
} from './fixtures/openid-provider.ts';
import { createAccount, fillNewAccount, LIST, someDetails } from './fixtures/pages.ts';
import { postSignIn, responsesTo } from './fixtures/sign-in.ts';
import {
  ADMINISTRATOR,
  expect,
  insertSignedOn,
  profileAt,
  signInWithSso,
  signOnButton,
  test,
} from './fixtures/single-sign-on.ts';
import type { Cookies } from './fixtures/test.ts';
import { violations } from './fixtures/violations.ts';

/** Signs in through the provider, in a browser without pages. @returns the page that it ends on */
async function signOnWithoutPages(browser: APIRequestContext, webUrl: string, login: string) {
  const back = await signInThere(browser, await leaveForProvider(browser, webUrl), login);
  return browser.get(back.href);
}

test('lets a new user in if a claim gives them a role, to where they were going', async ({
  openPage,
  provider,
}) => {
  const { login, email } = profileAt(provider, { roles: ['staff', 'api-admins'] });
  const page = await openPage();
  await signInWithSso(page, login, '/settings/users');
  await expect(page).toHaveURL(/\/settings\/users$/);
  await expect(page.getByRole('row').filter({ hasText: email })).toContainText('Settings Administrator');
  await createAccount(page);
  await page.goto('/settings/your-account');
  await expect(page.getByRole('region', { name: 'Single sign-on' })).toContainText(
    'You sign in with Northwind',
  );
  const here = page.getByRole('region', { name: 'Where you are signed in' });
  await expect(here).toContainText('Single sign-on');
});

test('applies another role at the provider from the next sign-in on', async ({
  openPage,
  provider,
  database,
  where,
}) => {
  const { login, email, cookies } = await insertSignedOn(database, provider, ADMINISTRATOR);
  expect(await responsesTo(where, cookies, LIST)).toEqual(['200']);
  provider.people.set(login, { email, email_verified: true, roles: ['staff'] });
  const page = await openPage();
  await signInWithSso(page, login);
  await expect(page.getByRole('heading', { name: 'API Accounts', level: 1 })).toBeVisible();
  await expect(page.getByRole('button', { name: 'New API Account' })).toHaveCount(0);
  expect(await responsesTo(where, cookies, LIST)).toEqual(['307 /sign-in']);
});

test('refuses an unknown user, and one whose address the provider does not vouch for, and says why', async ({
  openPage,
  openBrowser,
  provider,
  where: { webUrl },
}) => {
  const page = await openPage();
  await signInWithSso(page, profileAt(provider).login);
  await expect(page).toHaveURL(/\/sign-in\?failed=unknown$/);
  await expect(page.getByRole('alert').first()).toContainText('Ask a Settings Administrator');
  expect(await violations(page)).toEqual([]);
  const other = await openBrowser();
  const unverified = { email: 'ada@example.org', email_verified: false, roles: ['api-admins'] };
  const refused = await signOnWithoutPages(other, webUrl, profileAt(provider, unverified).login);
  expect(await refused.text()).toContain('did not vouch for your email address');
  expect(new URL((await other.get(LIST)).url()).pathname).toBe('/sign-in');
});

test('refuses a user with malformed claims, on record', async ({
  openBrowser,
  provider,
  database,
  where: { webUrl },
}) => {
  const { login, email } = profileAt(provider);
  const spaced = `${login} and a space`;
  provider.people.set(spaced, { email, email_verified: true, roles: ['api-admins'] });
  const refused = await signOnWithoutPages(await openBrowser(), webUrl, spaced);
  expect(refused.url()).toBe(`${webUrl}/sign-in?failed=failed`);
  const { rows } = await database.execute(sql`select act, user_id, outcome, details from audit_events
    where details ->> 'subject' = ${spaced}`);
  const details = { method: 'oidc', reason: 'malformed', issuer: provider.issuer, subject: spaced };
  expect(rows).toEqual([{ act: 'sign_in.failed', user_id: null, outcome: 'refused', details }]);
});

test('lets an invited user in by single sign-on, who may still have a password', async ({
  openPage,
  openBrowser,
  newUser,
  provider,
  where,
}) => {
  const person = await newUser('settings_administrator');
  const { login } = profileAt(provider, { email: person.email.toUpperCase(), roles: ['api-admins'] });
  const list = await signOnWithoutPages(await openBrowser(), where.webUrl, login);
  expect(list.url()).toBe(where.webUrl + LIST);
  expect(await postSignIn(await openPage(), where, person)).toBeNull();
});

type SsoSignInResult = {
  openPage: (cookies: Cookies) => Promise<Page>;
  provider: OpenidProvider;
  database: Database;
};

/** Opens the list for an administrator who signed in at the provider 15 minutes ago. */
async function signedOnLongAgo({ openPage, provider, database }: SsoSignInResult) {
  const administrator = await insertSignedOn(database, provider, ADMINISTRATOR);
  await expireRecentAuth(database, administrator);
  const page = await openPage(administrator.cookies);
  await page.goto(LIST);
  return { page, ...administrator };
}

/** Creates an account without recent authentication, up to the dialog that asks for it. */
async function createTooLate(page: Page) {
  const details = someDetails();
  const box = await fillNewAccount(page, details);
  await box.getByRole('button', { name: 'Create API Account' }).click();
  return { details, box, proof: page.getByRole('dialog', { name: 'Confirm that it is you' }) };
}

test('re-authenticates at the provider after 15 minutes, and keeps what was typed', async ({
  openPage,
  provider,
  database,
}) => {
  const { page, login } = await signedOnLongAgo({ openPage, provider, database });
  const { details, box, proof } = await createTooLate(page);
  const opened = page.waitForEvent('popup');
  await proof.getByRole('button', { name: 'Confirm with Northwind' }).click();
  const popup = await opened;
  // Somebody else there is not who is signed in here.
  const stranger = profileAt(provider, { roles: 'api-admins' });
  await signInAtProvider(popup, stranger.login);
  await expect(popup.getByRole('alert').first()).toContainText('is not the account');
  await signOnButton(popup).click();
  await signInAtProvider(popup, login);
  // The dialog behind counts as hidden while this one asks; the toast appears once the account exists.
  await expect(page.getByText(`${details.username} was created`)).toBeVisible();
  await expect(box).toBeHidden();
});

test('says that the role has changed by then, and goes on after another sign-in', async ({
  openPage,
  provider,
  database,
}) => {
  const { page, login, email } = await signedOnLongAgo({ openPage, provider, database });
  const { details, box, proof } = await createTooLate(page);
  const opened = page.waitForEvent('popup');
  provider.people.set(login, { email, email_verified: true, roles: ['staff'] });
  await proof.getByRole('button', { name: 'Confirm with Northwind' }).click();
  const popup = await opened;
  await signInAtProvider(popup, login);
  for (const where of [popup, proof])
    await expect(where.getByRole('alert').first()).toContainText('Your role at Northwind is another one now');
  expect(await violations(popup)).toEqual([]);
  // Nobody is signed in here, whatever the pages say.
  const other = await page.context().newPage();
  await other.goto(LIST);
  await expect(other).toHaveURL(/\/sign-in/);
  const closed = popup.waitForEvent('close');
  await signOnButton(popup).click();
  await closed;
  await expect(proof).toBeHidden();
  await expect(box.getByRole('alert').first()).toContainText('you need the role Settings Administrator');
  await expect(box.getByLabel('Email address')).toHaveValue(details.email);
  await page.goto(LIST);
  await expect(page.getByRole('button', { name: 'New API Account' })).toHaveCount(0);
});

test('says what went wrong on the way, and signs nobody in', async ({
  openPage,
  openBrowser,
  provider,
  where: { webUrl },
}) => {
  const browser = await openBrowser();
  const callback = '/api/auth/callback/oidc';
  const over = await browser.get(`${callback}?code=made-up&state=made-up`);
  expect(over.url()).toBe(`${webUrl}/sign-in?failed=over`);
  expect(await over.text()).toContain('Try again');
  await leaveForProvider(browser, webUrl);
  const failed = await browser.get(`${callback}?code=made-up&state=made-up`);
  expect(failed.url()).toBe(`${webUrl}/sign-in?failed=failed`);
  await leaveForProvider(browser, webUrl);
  const denied = await browser.get(`${callback}?error=access_denied`);
  expect(await denied.text()).toContain('You were not signed in at Northwind');
  expect(new URL((await browser.get(LIST)).url()).pathname).toBe('/sign-in');
  const page = await openPage();
  await page.goto('/sign-in?failed=<b>made-up</b>');
  await expect(signOnButton(page)).toBeEnabled();
  await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toHaveCount(0);
  await signOnButton(page).click();
  await signInAtProvider(page, profileAt(provider, { roles: 'api-admins' }).login);
  await expect(page).toHaveURL(LIST);
});

test('fits every width and passes axe in every colour scheme', async ({
  openPage,
  provider,
  database,
}, testInfo) => {
  const page = await openPage();
  await page.goto('/sign-in?failed=other_identity');
  await expect(signOnButton(page)).toBeEnabled();
  await look(page, testInfo, 'refused sign-in');
  const { cookies } = await insertSignedOn(database, provider, ADMINISTRATOR);
  const popup = await openPage(cookies);
  await popup.goto('/sign-in/confirmed?failed=not_fresh');
  await expect(signOnButton(popup)).toBeEnabled();
  await look(popup, testInfo, 'refused re-authentication');
});
