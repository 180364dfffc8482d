import type { Page } from '@playwright/test';
import { sql } from 'drizzle-orm';
import { cookiesFor } from '#lib/auth/cookies.ts';
import type { OpenidProvider } from './fixtures/openid-provider.ts';
import { signInAtProvider } from './fixtures/openid-provider.ts';
import { LIST } from './fixtures/pages.ts';
import {
  signOn,
  signOnButton,
  signOnLongAgo,
  somebodyAt,
  testWithProvider,
} from './fixtures/single-sign-on.ts';
import { expect } from './fixtures/test.ts';

const test = testWithProvider({ OIDC_ROLE_CLAIM: 'roles', OIDC_ADMINISTRATORS: 'api-admins' });

const STATE_COOKIE = cookiesFor('http://localhost').state;
const BACK = /\/api\/auth\/callback\/oidc\?/;

/** Sets out for the provider from a page, and gives the `state` with which the browser is to come back. */
async function setOut(page: Page, { issuer }: OpenidProvider, from = '/sign-in'): Promise<string> {
  const asking = page.waitForRequest((request) => request.url().startsWith(`${issuer}/auth?`));
  // `/sign-in/confirm` leaves by itself, maybe before it has loaded.
  await page.goto(from, { waitUntil: 'commit' });
  if (from === '/sign-in') await signOnButton(page).click();
  await expect(page.locator('input[name="login"]')).toBeVisible();
  return new URL((await asking).url()).searchParams.get('state') ?? '';
}

/**
 * Signs in at the provider, and comes back without the cookie of the way there: so the code is not spent.
 * @returns the address to come back to, and what makes it lead somewhere in this browser
 */
async function comeBackInVain(page: Page, provider: OpenidProvider, login: string) {
  await setOut(page, provider);
  const cookies = await page.context().cookies();
  await page.context().clearCookies({ name: STATE_COOKIE });
  const back = page.waitForRequest(BACK);
  await signInAtProvider(page, login);
  await expect(page).toHaveURL(/\/sign-in\?failed=over$/);
  return { url: new URL((await back).url()), comeBack: () => page.context().addCookies(cookies) };
}

test("somebody else's code signs nobody in, with one's own state or theirs", async ({
  openPage,
  provider,
  database,
}) => {
  const { login, email } = somebodyAt(provider, { roles: 'api-admins' });
  // The code is good: in the browser that asked for it, it signs in.
  const theirs = await openPage();
  const { url, comeBack } = await comeBackInVain(theirs, provider, login);
  await comeBack();
  await theirs.goto(url.href);
  await expect(theirs).toHaveURL(LIST);
  for (const withOwnState of [true, false]) {
    const { url: back } = await comeBackInVain(await openPage(), provider, login);
    const mine = await openPage();
    const state = await setOut(mine, provider);
    expect(state).not.toBe('');
    if (withOwnState) back.searchParams.set('state', state);
    await mine.goto(back.href);
    await expect(mine).toHaveURL(/\/sign-in\?failed=failed$/);
    await mine.goto(LIST);
    await expect(mine).toHaveURL(/\/sign-in/);
  }
  const { rows } = await database.execute(sql`select s.id from sessions s join users u on u.id = s.user_id
    where u.email = ${email}`);
  expect(rows).toHaveLength(1);
});

test("somebody else's code is no proof, and makes nobody of somebody else", async ({
  openPage,
  provider,
}) => {
  const [ada, eve] = [
    somebodyAt(provider, { roles: 'api-admins' }),
    somebodyAt(provider, { roles: 'api-admins' }),
  ];
  const mine = await openPage();
  await signOn(mine, eve.login);
  await expect(mine).toHaveURL(LIST);
  const { url: back } = await comeBackInVain(await openPage(), provider, ada.login);
  back.searchParams.set('state', await setOut(mine, provider, '/sign-in/confirm'));
  await mine.goto(back.href);
  await expect(mine).toHaveURL(/\/sign-in\/confirmed\?failed=failed$/);
  await mine.goto('/settings/your-account');
  await expect(mine.getByText(eve.email).first()).toBeVisible();
});

test('a proof asks for one anew, and one that was asked for in another way is none', async ({
  openPage,
  provider,
  database,
}) => {
  const page = await openPage();
  const { login, email } = await signOnLongAgo(page, provider, database);
  const provenRecently = async () =>
    (
      await database.execute<{
        proven: boolean;
      }>(sql`select proven_at > now() - interval '15 minutes' as proven
        from sessions join users on users.id = user_id where email = ${email}`)
    ).rows[0]?.proven;
  const known = { email, email_verified: true, roles: 'api-admins' };
  provider.people.set(login, { ...known, signedInAt: Math.floor(Date.now() / 1000) - 3600 });
  // Whoever sits there changes what their browser asks for: the provider asks nobody, and says when it last did, or not.
  for (const maxAge of ['43200', null]) {
    const asked: (string | null)[][] = [];
    await page.route(`${provider.issuer}/auth?**`, (route) => {
      const url = new URL(route.request().url());
      const { searchParams } = url;
      asked.push([searchParams.get('prompt'), searchParams.get('max_age')]);
      searchParams.delete('prompt');
      searchParams.delete('max_age');
      if (maxAge) searchParams.set('max_age', maxAge);
      return route.fulfill({ status: 302, headers: { location: url.href } });
    });
    await page.goto('/sign-in/confirm', { waitUntil: 'commit' });
    await expect(page).toHaveURL(/\/sign-in\/confirmed\?failed=not_fresh$/);
    expect(asked).toEqual([['login', '0']]);
    expect(await provenRecently()).toBe(false);
    await page.unroute(`${provider.issuer}/auth?**`);
  }
  provider.people.set(login, known);
  await page.goto('/sign-in/confirm', { waitUntil: 'commit' });
  await signInAtProvider(page, login);
  await expect(page.getByRole('heading', { name: 'Confirmed', exact: true })).toBeVisible();
  expect(await provenRecently()).toBe(true);
});

test('a link that says that the role changed is believed by nobody', async ({
  openPage,
  provider,
  database,
}) => {
  const page = await openPage();
  const { email } = await signOnLongAgo(page, provider, database);
  await page.goto('/sign-in/confirmed?failed=role_changed');
  await expect(page.getByRole('alert').first()).toContainText('Northwind did not tell');
  await page.goto(LIST);
  await expect(page).toHaveURL(LIST);
  // Nor where the session has ended, by whatever else.
  await database.execute(sql`update sessions set ended_at = now(), ended_because = 'signed_out'
    from users where users.id = sessions.user_id and users.email = ${email}`);
  for (const each of [page, await openPage()]) {
    await each.goto('/sign-in/confirmed?failed=role_changed');
    await expect(each).toHaveURL(/\/sign-in$/);
  }
});
