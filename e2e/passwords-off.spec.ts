import type { Page } from '@playwright/test';
import { sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { callAction } from './fixtures/call-action.ts';
import { argumentsOf, own } from './fixtures/callers.ts';
import { localAuthActions, localAuthRoutes, thingsOf } from './fixtures/own-ways.ts';
import { LIST } from './fixtures/pages.ts';
import { START_WEB_MS } from './fixtures/services.ts';
import { postSignIn, responsesTo } from './fixtures/sign-in.ts';
import {
  profileAt,
  signInWithSso,
  signOnButton,
  usePasswordsOff,
  type WithProvider,
} from './fixtures/single-sign-on.ts';
import { stranger } from './fixtures/strangers.ts';
import type { Subject } from './fixtures/subject.ts';
import { test as base, expect, type Where } from './fixtures/test.ts';
import { insertUserLink } from './fixtures/user-links.ts';
import type { TestUser } from './fixtures/users.ts';

/** `off`: the web process at which single sign-on is the only way in. At the one of `where` there are passwords. */
const test = base.extend<{ off: WithProvider }>({
  off: [({ where }, use) => usePasswordsOff(where, use), { timeout: START_WEB_MS }],
});

/** Sends a user's password, which is right, to each of the ways that next-auth had. */
async function trySigningIn(
  page: Page,
  { webUrl }: Where,
  { user, ways }: { user: TestUser; ways: string[] },
) {
  const { csrfToken } = await (await page.request.get(`${webUrl}/api/auth/csrf`)).json();
  const { email, password } = user;
  for (const way of ways) {
    const answer = await page.request.post(`${webUrl}/api/auth/callback/${way}`, {
      form: { csrfToken, email, password, answer: '{}', json: 'true' },
      headers: { origin: webUrl, 'sec-fetch-site': 'same-origin' },
    });
    expect(answer.ok(), way).toBe(false);
  }
}

type Own = { database: Database; user: TestUser; ways: string[]; invited: Subject['invited'] };

/** Calls every action that belongs to passwords, passkeys and codes, with what an honest page would hand it. */
async function callOwnWays(page: Page, off: Where, { database, user, ways, invited }: Own) {
  const person = await stranger(database);
  const subject = { person, invited } as Subject;
  // So that a proof which is taken could be seen.
  await database.execute(
    sql`update sessions set proven_at = proven_at - interval '1 minute' where user_id = ${user.userId}`,
  );
  const things = () => thingsOf(database, [user.userId, person.userId, invited.userId]);
  const before = await things();
  const actions = await localAuthActions();
  expect(actions.length).toBeGreaterThan(10);
  const signedIn = await page.context().storageState();
  const calls = actions.flatMap((action) => [signedIn, undefined].map((cookies) => ({ action, cookies })));
  await Promise.all(
    calls.map(async ({ action, cookies }) => {
      const args = argumentsOf(action, subject);
      const url = off.webUrl + action.page;
      const answer = await callAction({ url, action, args, cookies, headers: own(off) });
      expect(answer, action.name).toMatch(
        cookies ? /"local_auth_disabled"/ : /"(local_auth_disabled|signed_out)"/,
      );
      expect(answer, action.name).not.toContain('"ok":true');
    }),
  );
  await trySigningIn(page, off, { user, ways });
  expect(await things()).toEqual(before);
}

test('password sign-in is switched off, and on again', async ({
  off,
  openPage,
  newUser,
  newSession,
  database,
  where,
}) => {
  const user = await newUser('settings_administrator');
  const { email } = user;
  const { cookies } = await newSession(user);
  expect(await responsesTo(where, cookies, LIST)).toEqual(['200']);
  const ways = await localAuthRoutes(where.webUrl);
  expect(ways).toContain('credentials');
  const invitee = await newUser(null);
  const token = await insertUserLink(database, invitee, 'invitation');
  const invited = { ...invitee, token };

  await test.step('signs out who signed in with a password', async () => {
    const page = await openPage(cookies);
    await page.goto(off.webUrl + LIST);
    await expect(page).toHaveURL(/\/sign-in/);
    expect(new URL(page.url()).origin).toBe(off.webUrl);
    await expect(signOnButton(page)).toBeEnabled();
    await expect(page.getByLabel('Password')).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'Use a passkey' })).toHaveCount(0);
    for (const path of ['/forgotten-password', '/set-password#made-up']) {
      await page.goto(off.webUrl + path);
      await expect(page.getByRole('heading', { name: 'No password is needed' })).toBeVisible();
    }
  });
  const page = await openPage();
  await test.step('refuses the right password, sent directly', async () => {
    expect(await localAuthRoutes(off.webUrl)).toEqual([]);
    await trySigningIn(page, off, { user, ways });
    expect(await responsesTo(off, await page.context().storageState(), LIST)).toEqual(['307 /sign-in']);
  });
  await test.step('lets the administrator in at the provider, who invites without a password', async () => {
    await signInWithSso(page, profileAt(off.provider, { email }).login, `${off.webUrl}/sign-in`);
    await expect(page).toHaveURL(off.webUrl + LIST);
    await page.goto(`${off.webUrl}/settings/your-account`);
    await expect(page.getByRole('heading', { name: 'Password' })).toHaveCount(0);
    await expect(page.getByText('are switched off here')).toBeVisible();
    const fresh = profileAt(off.provider);
    await page.goto(`${off.webUrl}/settings/users`);
    await page.getByRole('button', { name: 'Invite a user' }).click();
    const box = page.getByRole('dialog');
    await box.getByLabel('Email address').fill(fresh.email);
    await box.getByRole('button', { name: 'Send the invitation' }).click();
    await expect(box).toBeHidden();
    const other = await openPage();
    await signInWithSso(other, fresh.login, `${off.webUrl}/sign-in`);
    await expect(other).toHaveURL(off.webUrl + LIST);
  });
  await test.step('does nothing about passwords, passkeys and codes that is called directly', () =>
    callOwnWays(page, off, { database, user, ways, invited }));
  await test.step('takes the password again once passwords are on', async () => {
    const back = await openPage();
    expect(await postSignIn(back, where, user)).toBeNull();
    await back.goto(LIST);
    await expect(back).toHaveURL(LIST);
  });
});
