import type { Page } from '@playwright/test';
import { sql } from 'drizzle-orm';
import { signInAtProvider } from './fixtures/openid-provider.ts';
import { createAccount, fillNewAccount, LIST, signIn, someDetails } from './fixtures/pages.ts';
import {
  signOn,
  signOnButton,
  signOnLongAgo,
  somebodyAt,
  testWithProvider,
} from './fixtures/single-sign-on.ts';
import { expect } from './fixtures/test.ts';
import { violations } from './fixtures/violations.ts';

const test = testWithProvider({
  OIDC_ROLE_CLAIM: 'roles',
  OIDC_ADMINISTRATORS: 'api-admins',
  OIDC_VIEWERS: 'api-viewers, staff',
});

test('somebody new whose claim gives a role is let in, to where they were going', async ({
  openPage,
  provider,
}) => {
  const { login, email } = somebodyAt(provider, { roles: ['staff', 'api-admins'] });
  const page = await openPage();
  await signOn(page, login, '/settings/users');
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

test('another role at the provider is the role here from the next sign-in on', async ({
  openPage,
  provider,
}) => {
  const person = somebodyAt(provider, { roles: 'api-admins' });
  const before = await openPage();
  await signOn(before, person.login);
  await expect(before).toHaveURL(LIST);
  provider.people.set(person.login, { email: person.email, email_verified: true, roles: ['staff'] });
  const after = await openPage();
  await signOn(after, person.login);
  await expect(after.getByRole('heading', { name: 'API Accounts', level: 1 })).toBeVisible();
  await expect(after.getByRole('button', { name: 'New API Account' })).toHaveCount(0);
  await before.goto(LIST);
  await expect(before).toHaveURL(/\/sign-in/);
});

test('who is not known here is told whom to ask, and who is not vouched for, too', async ({
  openPage,
  provider,
}) => {
  const page = await openPage();
  await signOn(page, somebodyAt(provider).login);
  await expect(page).toHaveURL(/\/sign-in\?failed=unknown$/);
  await expect(page.getByRole('alert').first()).toContainText('Ask a Settings Administrator');
  expect(await violations(page)).toEqual([]);
  const other = await openPage();
  const unverified = { email: 'ada@example.org', email_verified: false, roles: ['api-admins'] };
  await signOn(other, somebodyAt(provider, unverified).login);
  await expect(other.getByRole('alert').first()).toContainText('did not vouch for your email address');
  await other.goto(LIST);
  await expect(other).toHaveURL(/\/sign-in/);
});

test('whom the provider tells of in a way that nobody can read is refused, on record', async ({
  openPage,
  provider,
  database,
}) => {
  const { login, email } = somebodyAt(provider);
  const spaced = `${login} and a space`;
  provider.people.set(spaced, { email, email_verified: true, roles: ['api-admins'] });
  const page = await openPage();
  await signOn(page, spaced);
  await expect(page).toHaveURL(/\/sign-in\?failed=failed$/);
  const { rows } = await database.execute(sql`select act, user_id, outcome, details from audit_events
    where details ->> 'subject' = ${spaced}`);
  const details = { method: 'oidc', reason: 'malformed', issuer: provider.issuer, subject: spaced };
  expect(rows).toEqual([{ act: 'sign_in.failed', user_id: null, outcome: 'refused', details }]);
});

test('an invited person comes in with single sign-on, and may still have a password', async ({
  openPage,
  newUser,
  provider,
}) => {
  const person = await newUser('settings_administrator');
  const { login } = somebodyAt(provider, { email: person.email.toUpperCase(), roles: ['api-admins'] });
  const page = await openPage();
  await signOn(page, login);
  await expect(page).toHaveURL(LIST);
  const other = await openPage();
  await signIn(other, person);
  await expect(other).toHaveURL(LIST);
});

/** Creates an account where the last proof is too old, up to the dialog that asks for one. */
async function createTooLate(page: Page) {
  const details = someDetails();
  const box = await fillNewAccount(page, details);
  await box.getByRole('button', { name: 'Create API Account' }).click();
  return { details, box, proof: page.getByRole('dialog', { name: 'Confirm that it is you' }) };
}

test('after 15 minutes the provider asks anew, and what was typed stays', async ({
  openPage,
  provider,
  database,
}) => {
  const page = await openPage();
  const { login } = await signOnLongAgo(page, provider, database);
  const { details, box, proof } = await createTooLate(page);
  const opened = page.waitForEvent('popup');
  await proof.getByRole('button', { name: 'Confirm with Northwind' }).click();
  const popup = await opened;
  // Somebody else there is not who is signed in here.
  const stranger = somebodyAt(provider, { roles: 'api-admins' });
  await signInAtProvider(popup, stranger.login);
  await expect(popup.getByRole('alert').first()).toContainText('is not the account');
  await signOnButton(popup).click();
  await signInAtProvider(popup, login);
  await expect(box).toBeHidden();
  await expect(page.getByRole('cell', { name: details.username, exact: true })).toBeVisible();
});

test('whose role is another one by then is told so, and goes on where they were once signed in again', async ({
  openPage,
  provider,
  database,
}) => {
  const page = await openPage();
  const { login, email } = await signOnLongAgo(page, provider, database);
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

test('what went wrong on the way is told, and nobody is signed in', async ({ openPage, provider }) => {
  const page = await openPage();
  await page.goto('/api/auth/callback/oidc?code=made-up&state=made-up');
  await expect(page).toHaveURL(/\/sign-in\?failed=over$/);
  await expect(page.getByRole('alert').first()).toContainText('Try again');
  const { login } = somebodyAt(provider, { roles: 'api-admins' });
  await signOnButton(page).click();
  await expect(page.locator('input[name="login"]')).toBeVisible();
  await page.goto('/api/auth/callback/oidc?code=made-up&state=made-up');
  await expect(page).toHaveURL(/\/sign-in\?failed=failed$/);
  await page.goto('/api/auth/callback/oidc?error=access_denied');
  await expect(page.getByRole('alert').first()).toContainText('You were not signed in at Northwind');
  await page.goto('/sign-in?failed=<b>made-up</b>');
  await expect(signOnButton(page)).toBeEnabled();
  await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toHaveCount(0);
  await signOn(page, login);
  await expect(page).toHaveURL(LIST);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`${colorScheme} colours at 360 px`, () => {
    test.use({ contextOptions: { colorScheme, viewport: { width: 360, height: 780 } } });

    test('can be read, and nothing stands out', async ({ openPage, provider }) => {
      const page = await openPage();
      await page.goto('/sign-in?failed=other_identity');
      await expect(signOnButton(page)).toBeEnabled();
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
      await signOn(page, somebodyAt(provider, { roles: 'api-admins' }).login);
      await expect(page).toHaveURL(LIST);
      await page.goto('/sign-in/confirmed?failed=not_fresh');
      await expect(signOnButton(page)).toBeEnabled();
      expect(await violations(page)).toEqual([]);
    });
  });
}
