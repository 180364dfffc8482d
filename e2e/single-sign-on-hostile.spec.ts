import { eq, sql } from 'drizzle-orm';
import { sessions } from '#db/schema/sessions.ts';
import { expireRecentAuth } from './fixtures/factors.ts';
import { leaveForProvider, signInThere } from './fixtures/openid-provider.ts';
import { LIST } from './fixtures/pages.ts';
import { ADMINISTRATOR, expect, insertSignedOn, profileAt, test } from './fixtures/single-sign-on.ts';

const CONFIRMED = '/sign-in/confirmed';
const stateOf = (url: URL) => url.searchParams.get('state') ?? '';

test("signs nobody in by another person's code, whichever state comes with it", async ({
  openBrowser,
  provider,
  database,
  where: { webUrl },
}) => {
  const { login, email } = profileAt(provider, { roles: 'api-admins' });
  const codeOf = async (browser: Awaited<ReturnType<typeof openBrowser>>) =>
    signInThere(browser, await leaveForProvider(browser, webUrl), login);
  // The code is good: in the browser that asked for it, it signs in.
  const theirs = await openBrowser();
  expect((await theirs.get((await codeOf(theirs)).href)).url()).toBe(webUrl + LIST);
  for (const withOwnState of [true, false]) {
    const back = await codeOf(await openBrowser());
    const mine = await openBrowser();
    const state = stateOf(await leaveForProvider(mine, webUrl));
    expect(state).not.toBe('');
    if (withOwnState) back.searchParams.set('state', state);
    expect((await mine.get(back.href)).url()).toBe(`${webUrl}/sign-in?failed=failed`);
    expect(new URL((await mine.get(LIST)).url()).pathname).toBe('/sign-in');
  }
  // Nor in a browser that never left for the provider.
  const unaware = await openBrowser();
  expect((await unaware.get((await codeOf(await openBrowser())).href)).url()).toBe(
    `${webUrl}/sign-in?failed=over`,
  );
  const { rows } = await database.execute(sql`select s.id from sessions s join users u on u.id = s.user_id
    where u.email = ${email}`);
  expect(rows).toHaveLength(1);
});

test("does not re-authenticate by another person's code, and switches no identity", async ({
  openBrowser,
  provider,
  database,
  where: { webUrl },
}) => {
  const ada = profileAt(provider, { roles: 'api-admins' });
  const eve = await insertSignedOn(database, provider, ADMINISTRATOR);
  const theirs = await openBrowser();
  const back = await signInThere(theirs, await leaveForProvider(theirs, webUrl), ada.login);
  const mine = await openBrowser(eve.cookies);
  back.searchParams.set('state', stateOf(await leaveForProvider(mine, webUrl, CONFIRMED)));
  expect((await mine.get(back.href)).url()).toBe(`${webUrl}${CONFIRMED}?failed=failed`);
  expect(await (await mine.get('/settings/your-account')).text()).toContain(eve.email);
});

test('asks the provider for a fresh sign-in, and accepts no older one', async ({
  openBrowser,
  provider,
  database,
  where: { webUrl },
}) => {
  const { login, email } = profileAt(provider, { roles: 'api-admins' });
  const browser = await openBrowser();
  const back = await signInThere(browser, await leaveForProvider(browser, webUrl), login);
  await browser.get(back.href);
  await database.execute(sql`update sessions set proven_at = now() - interval '16 minutes'
    from users where users.id = sessions.user_id and users.email = ${email}`);
  const hasRecentAuth = async () =>
    (
      await database.execute<{
        proven: boolean;
      }>(sql`select proven_at > now() - interval '15 minutes' as proven
        from sessions join users on users.id = user_id where email = ${email}`)
    ).rows[0]?.proven;
  const known = { email, email_verified: true, roles: 'api-admins' };
  provider.people.set(login, { ...known, signedInAt: Math.floor(Date.now() / 1000) - 3600 });
  // The user changes what their browser asks for: the provider asks nothing, and says when they signed in last, or not.
  for (const maxAge of ['43200', null]) {
    const url = await leaveForProvider(browser, webUrl, CONFIRMED);
    const { searchParams } = url;
    expect([searchParams.get('prompt'), searchParams.get('max_age')]).toEqual(['login', '0']);
    searchParams.delete('prompt');
    searchParams.delete('max_age');
    if (maxAge) searchParams.set('max_age', maxAge);
    const proof = await browser.get((await signInThere(browser, url, login)).href);
    expect(proof.url()).toBe(`${webUrl}${CONFIRMED}?failed=not_fresh`);
    expect(await hasRecentAuth()).toBe(false);
  }
  provider.people.set(login, known);
  const url = await leaveForProvider(browser, webUrl, CONFIRMED);
  const proof = await browser.get((await signInThere(browser, url, login)).href);
  expect(proof.url()).toBe(webUrl + CONFIRMED);
  expect(await proof.text()).toContain('>Confirmed<');
  expect(await hasRecentAuth()).toBe(true);
});

test('does not believe a link that says that the role changed', async ({
  openBrowser,
  provider,
  database,
  where: { webUrl },
}) => {
  const user = await insertSignedOn(database, provider, ADMINISTRATOR);
  await expireRecentAuth(database, user);
  const link = '/sign-in/confirmed?failed=role_changed';
  const browser = await openBrowser(user.cookies);
  expect(await (await browser.get(link)).text()).toContain('Northwind did not tell');
  expect((await browser.get(LIST)).url()).toBe(webUrl + LIST);
  // Nor if the session has ended, for whatever other reason.
  await database
    .update(sessions)
    .set({ endedAt: sql`now()`, endedBecause: 'signed_out' })
    .where(eq(sessions.id, user.sessionId));
  for (const each of [browser, await openBrowser()])
    expect((await each.get(link)).url()).toBe(`${webUrl}/sign-in`);
});
