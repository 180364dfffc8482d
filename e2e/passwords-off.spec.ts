import type { Page } from '@playwright/test';
import { sql } from 'drizzle-orm';
import { connectDatabase } from '#db/client.ts';
import { callAction } from './fixtures/call-action.ts';
import { argumentsOf, own } from './fixtures/callers.ts';
import { FIRST_ADMINISTRATOR } from './fixtures/global-setup.ts';
import { signInAtProvider } from './fixtures/openid-provider.ts';
import { Outbox } from './fixtures/outbox.ts';
import { everybodysThings, ownWaysActions, ownWaysIn } from './fixtures/own-ways.ts';
import { LIST, signIn } from './fixtures/pages.ts';
import {
  signOn,
  signOnButton,
  somebodyAt,
  startWithProvider,
  stopWithProvider,
} from './fixtures/single-sign-on.ts';
import { stranger } from './fixtures/strangers.ts';
import { insertInvitation, type Subject } from './fixtures/subject.ts';
import { expect, test, type Where } from './fixtures/test.ts';
import { brandedAdministrator } from './fixtures/users.ts';

/** Sends the first administrator's password, which is right, to each of the ways that next-auth had. */
async function trySigningIn(page: Page, { webUrl }: Where, ways: string[]) {
  const { csrfToken } = await (await page.request.get('/api/auth/csrf')).json();
  for (const way of ways) {
    const answer = await page.request.post(`/api/auth/callback/${way}`, {
      form: { csrfToken, ...FIRST_ADMINISTRATOR, answer: '{}', json: 'true' },
      headers: { origin: webUrl, 'sec-fetch-site': 'same-origin' },
    });
    expect(answer.ok(), way).toBe(false);
  }
}

/** Invites a user while there are passwords, so that there is a link to set one with. */
async function invitedBefore(where: Where): Promise<Subject['invited']> {
  const { database, close } = connectDatabase(where.databaseUrl);
  const invited = await insertInvitation(database, await brandedAdministrator(database));
  await close();
  return invited;
}

/** Calls every action that belongs to passwords, passkeys and codes, with what an honest page would hand it. */
async function callOwnWays(
  page: Page,
  where: Where,
  { ways, invited }: { ways: string[]; invited: Subject['invited'] },
) {
  const { database, close } = connectDatabase(where.databaseUrl);
  const subject = { person: await stranger(database), invited } as Subject;
  // So that a proof which is taken could be seen.
  await database.execute(sql`update sessions set proven_at = proven_at - interval '1 minute'`);
  const before = await everybodysThings(database);
  const actions = await ownWaysActions();
  expect(actions.length).toBeGreaterThan(10);
  for (const cookies of [await page.context().storageState(), undefined]) {
    for (const action of actions) {
      const args = argumentsOf(action, subject);
      const url = where.webUrl + action.page;
      const answer = await callAction({ url, action, args, cookies, headers: own(where) });
      expect(answer, action.name).toMatch(cookies ? /"own_ways_off"/ : /"(own_ways_off|signed_out)"/);
      expect(answer, action.name).not.toContain('"ok":true');
    }
  }
  await trySigningIn(page, where, ways);
  expect(await everybodysThings(database)).toEqual(before);
  await close();
}

test('password sign-in is switched off, and on again', async ({ browser }) => {
  test.setTimeout(300_000);
  const { email } = FIRST_ADMINISTRATOR;
  const on = await startWithProvider();
  const open = async (baseURL: string) => (await browser.newContext({ baseURL })).newPage();
  const before = await open(on.stagedoor.webUrl);
  await signIn(before, FIRST_ADMINISTRATOR);
  await expect(before).toHaveURL(LIST);
  const cookies = await before.context().storageState();
  const ways = await ownWaysIn(on.stagedoor.webUrl);
  expect(ways).toContain('credentials');
  const invited = await invitedBefore(on.stagedoor);
  await on.provider.stop();
  await on.stagedoor.stop();

  const off = await startWithProvider({ PASSWORD_SIGN_IN: '0' }, on.stagedoor.dataFolder);
  const { webUrl, dataFolder } = off.stagedoor;
  await test.step('who signed in with a password is signed out', async () => {
    const page = await (await browser.newContext({ baseURL: webUrl, storageState: cookies })).newPage();
    await page.goto(LIST);
    await expect(page).toHaveURL(/\/sign-in/);
    await expect(signOnButton(page)).toBeEnabled();
    await expect(page.getByLabel('Password')).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'Use a passkey' })).toHaveCount(0);
    for (const path of ['/forgotten-password', '/set-password#made-up']) {
      await page.goto(path);
      await expect(page.getByRole('heading', { name: 'No password is needed' })).toBeVisible();
    }
  });
  const page = await open(webUrl);
  await test.step('the right password is worth nothing, sent directly', async () => {
    await page.goto('/sign-in');
    expect(await ownWaysIn(webUrl)).toEqual([]);
    await trySigningIn(page, off.stagedoor, ways);
    await page.goto(LIST);
    await expect(page).toHaveURL(/\/sign-in/);
  });
  await test.step('the administrator comes in at the provider, and invites without a password', async () => {
    await signOn(page, somebodyAt(off.provider, { email }).login);
    await expect(page).toHaveURL(LIST);
    await page.goto('/settings/your-account');
    await expect(page.getByRole('heading', { name: 'Password' })).toHaveCount(0);
    await expect(page.getByText('are switched off here')).toBeVisible();
    const fresh = somebodyAt(off.provider);
    await page.goto('/settings/users');
    await page.getByRole('button', { name: 'Invite a user' }).click();
    const box = page.getByRole('dialog');
    await box.getByLabel('Email address').fill(fresh.email);
    await box.getByRole('button', { name: 'Send the invitation' }).click();
    await expect(box).toBeHidden();
    const outbox = new Outbox(dataFolder);
    const mail = await outbox.nextEmailTo(fresh.email, '/sign-in');
    outbox.close();
    expect(mail.text).toContain(`${webUrl}/sign-in\n`);
    expect(mail.text).not.toContain('password');
    const other = await open(webUrl);
    await other.goto('/sign-in');
    await signOnButton(other).click();
    await signInAtProvider(other, fresh.login);
    await expect(other).not.toHaveURL(/\/sign-in/);
  });
  await test.step('nothing of passwords, passkeys and codes does anything, called directly', () =>
    callOwnWays(page, off.stagedoor, { ways, invited }));
  await off.provider.stop();
  await off.stagedoor.stop();

  const again = await startWithProvider({}, dataFolder);
  const back = await open(again.stagedoor.webUrl);
  await signIn(back, FIRST_ADMINISTRATOR);
  await expect(back).toHaveURL(LIST);
  await stopWithProvider(again);
  expect([...on.stagedoor.errorLines(), ...off.stagedoor.errorLines()]).toEqual([]);
});
