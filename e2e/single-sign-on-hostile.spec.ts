import type { APIRequestContext } from '@playwright/test';
import { eq, sql } from 'drizzle-orm';
import { sessions } from '#db/schema/sessions.ts';
import { expireRecentAuth } from './fixtures/mfa.ts';
import { signInAtProviderOverHttp, startSsoOverHttp } from './fixtures/openid-provider.ts';
import { ACCOUNTS_PATH } from './fixtures/pages.ts';
import { ADMINISTRATOR, addProviderUser, expect, insertSsoSession, test } from './fixtures/single-sign-on.ts';

const CONFIRMED_PATH = '/sign-in/confirmed';
const getState = (url: URL) => url.searchParams.get('state') ?? '';

// In one worker, because each worker would start the services of this file.
test.describe.configure({ mode: 'default' });

test.describe('single sign-on', () => {
  test("rejects another user's authorization code, with that user's state or the browser's own", async ({
    newRequestContext,
    provider,
    database,
    installation: { webUrl },
  }) => {
    const { login, email } = addProviderUser(provider, { roles: 'api-admins' });
    const obtainCode = async (browser: APIRequestContext) =>
      signInAtProviderOverHttp(browser, await startSsoOverHttp(browser, webUrl), login);
    // The code is valid in the browser that requested it.
    const otherBrowser = await newRequestContext();
    expect((await otherBrowser.get((await obtainCode(otherBrowser)).href)).url()).toBe(
      webUrl + ACCOUNTS_PATH,
    );
    for (const withOwnState of [true, false]) {
      const callbackUrl = await obtainCode(await newRequestContext());
      const ownBrowser = await newRequestContext();
      const state = getState(await startSsoOverHttp(ownBrowser, webUrl));
      expect(state).not.toBe('');
      if (withOwnState) callbackUrl.searchParams.set('state', state);
      expect((await ownBrowser.get(callbackUrl.href)).url()).toBe(`${webUrl}/sign-in?failed=failed`);
      expect(new URL((await ownBrowser.get(ACCOUNTS_PATH)).url()).pathname).toBe('/sign-in');
    }
    // This browser has not started single sign-on.
    const thirdBrowser = await newRequestContext();
    expect((await thirdBrowser.get((await obtainCode(await newRequestContext())).href)).url()).toBe(
      `${webUrl}/sign-in?failed=expired`,
    );
    const { rows } = await database.execute(sql`select s.id from sessions s join users u on u.id = s.user_id
    where u.email = ${email}`);
    expect(rows).toHaveLength(1);
  });

  test("rejects another user's authorization code for re-authentication, and keeps the user", async ({
    newRequestContext,
    provider,
    database,
    installation: { webUrl },
  }) => {
    const ada = addProviderUser(provider, { roles: 'api-admins' });
    const eve = await insertSsoSession(database, provider, ADMINISTRATOR);
    const otherBrowser = await newRequestContext();
    const callbackUrl = await signInAtProviderOverHttp(
      otherBrowser,
      await startSsoOverHttp(otherBrowser, webUrl),
      ada.login,
    );
    const ownBrowser = await newRequestContext(eve.cookies);
    callbackUrl.searchParams.set(
      'state',
      getState(await startSsoOverHttp(ownBrowser, webUrl, CONFIRMED_PATH)),
    );
    expect((await ownBrowser.get(callbackUrl.href)).url()).toBe(`${webUrl}${CONFIRMED_PATH}?failed=failed`);
    expect(await (await ownBrowser.get('/settings/your-account')).text()).toContain(eve.email);
  });

  test('requests a new sign-in at the provider for re-authentication, and rejects an older one', async ({
    newRequestContext,
    provider,
    database,
    installation: { webUrl },
  }) => {
    const { login, email } = addProviderUser(provider, { roles: 'api-admins' });
    const browser = await newRequestContext();
    const callbackUrl = await signInAtProviderOverHttp(
      browser,
      await startSsoOverHttp(browser, webUrl),
      login,
    );
    await browser.get(callbackUrl.href);
    await expireRecentAuth(database, { email });
    const hasRecentAuth = async () =>
      (
        await database.execute<{
          is_recent: boolean;
        }>(sql`select authenticated_at > now() - interval '15 minutes' as is_recent
        from sessions join users on users.id = user_id where email = ${email}`)
      ).rows[0]?.is_recent;
    const claims = { email, email_verified: true, roles: 'api-admins' };
    provider.users.set(login, { ...claims, signedInAt: Math.floor(Date.now() / 1000) - 3600 });
    // The user removes the request for a new sign-in, so the provider returns the old `auth_time`, or none.
    for (const maxAge of ['43200', null]) {
      const url = await startSsoOverHttp(browser, webUrl, CONFIRMED_PATH);
      const { searchParams } = url;
      expect([searchParams.get('prompt'), searchParams.get('max_age')]).toEqual(['login', '0']);
      searchParams.delete('prompt');
      searchParams.delete('max_age');
      if (maxAge) searchParams.set('max_age', maxAge);
      const response = await browser.get((await signInAtProviderOverHttp(browser, url, login)).href);
      const reason = maxAge ? 'stale_authentication' : 'missing_auth_time';
      expect(response.url()).toBe(`${webUrl}${CONFIRMED_PATH}?failed=${reason}`);
      expect(await hasRecentAuth()).toBe(false);
    }
    provider.users.set(login, claims);
    const url = await startSsoOverHttp(browser, webUrl, CONFIRMED_PATH);
    const response = await browser.get((await signInAtProviderOverHttp(browser, url, login)).href);
    expect(response.url()).toBe(webUrl + CONFIRMED_PATH);
    expect(await response.text()).toContain('>Confirmed<');
    expect(await hasRecentAuth()).toBe(true);
  });

  test('rejects a malformed subject claim, and records this', async ({
    newRequestContext,
    provider,
    database,
    installation: { webUrl },
  }) => {
    const { login, email } = addProviderUser(provider);
    const subject = `${login} and a space`;
    provider.users.set(subject, { email, email_verified: true, roles: ['api-admins'] });
    const browser = await newRequestContext();
    const callbackUrl = await signInAtProviderOverHttp(
      browser,
      await startSsoOverHttp(browser, webUrl),
      subject,
    );
    const refused = await browser.get(callbackUrl.href);
    expect(refused.url()).toBe(`${webUrl}/sign-in?failed=failed`);
    const { rows } = await database.execute(sql`select action, user_id, outcome, details from audit_events
    where details ->> 'subject' = ${subject}`);
    const details = { method: 'oidc', reason: 'malformed', issuer: provider.issuer, subject };
    expect(rows).toEqual([{ action: 'sign_in.failed', user_id: null, outcome: 'refused', details }]);
  });

  test('ignores a forged link that claims that the role has changed', async ({
    newRequestContext,
    provider,
    database,
    installation: { webUrl },
  }) => {
    const user = await insertSsoSession(database, provider, ADMINISTRATOR);
    await expireRecentAuth(database, user);
    const link = '/sign-in/confirmed?failed=role_changed';
    const browser = await newRequestContext(user.cookies);
    expect(await (await browser.get(link)).text()).toContain('Northwind didn’t confirm');
    expect((await browser.get(ACCOUNTS_PATH)).url()).toBe(webUrl + ACCOUNTS_PATH);
    // The link also has no effect after the session has ended for another reason.
    await database
      .update(sessions)
      .set({ endedAt: sql`now()`, endReason: 'signed_out' })
      .where(eq(sessions.id, user.sessionId));
    for (const context of [browser, await newRequestContext()])
      expect((await context.get(link)).url()).toBe(`${webUrl}/sign-in`);
  });
});
