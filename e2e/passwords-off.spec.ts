import { FIRST_ADMINISTRATOR } from './fixtures/global-setup.ts';
import { signInAtProvider } from './fixtures/openid-provider.ts';
import { Outbox } from './fixtures/outbox.ts';
import { LIST, signIn } from './fixtures/pages.ts';
import {
  signOn,
  signOnButton,
  somebodyAt,
  startWithProvider,
  stopWithProvider,
} from './fixtures/single-sign-on.ts';
import { expect, test } from './fixtures/test.ts';

test('password sign-in is switched off, and on again', async ({ browser }) => {
  test.setTimeout(300_000);
  const { email } = FIRST_ADMINISTRATOR;
  const on = await startWithProvider();
  const open = async (baseURL: string) => (await browser.newContext({ baseURL })).newPage();
  const before = await open(on.stagedoor.webUrl);
  await signIn(before, FIRST_ADMINISTRATOR);
  await expect(before).toHaveURL(LIST);
  const cookies = await before.context().storageState();
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
    const { csrfToken } = await (await page.request.get('/api/auth/csrf')).json();
    for (const way of ['credentials', 'second-step', 'passkey']) {
      const answer = await page.request.post(`/api/auth/callback/${way}`, {
        form: { csrfToken, ...FIRST_ADMINISTRATOR, answer: '{}', json: 'true' },
        headers: { origin: webUrl, 'sec-fetch-site': 'same-origin' },
      });
      expect(answer.ok(), way).toBe(false);
    }
    await page.goto(LIST);
    await expect(page).toHaveURL(/\/sign-in/);
  });
  await test.step('the administrator comes in at the provider, and invites without a password', async () => {
    await signOn(page, somebodyAt(off.provider, { email }).login);
    await expect(page).toHaveURL(LIST);
    await page.goto('/settings/your-account');
    await expect(page.getByRole('heading', { name: 'Password' })).toHaveCount(0);
    await expect(page.getByText('are switched off here')).toBeVisible();
    const invited = somebodyAt(off.provider);
    await page.goto('/settings/users');
    await page.getByRole('button', { name: 'Invite a user' }).click();
    const box = page.getByRole('dialog');
    await box.getByLabel('Email address').fill(invited.email);
    await box.getByRole('button', { name: 'Send the invitation' }).click();
    await expect(box).toBeHidden();
    const outbox = new Outbox(dataFolder);
    const mail = await outbox.nextEmailTo(invited.email, '/sign-in');
    outbox.close();
    expect(mail.text).toContain(`${webUrl}/sign-in\n`);
    expect(mail.text).not.toContain('password');
    const other = await open(webUrl);
    await other.goto('/sign-in');
    await signOnButton(other).click();
    await signInAtProvider(other, invited.login);
    await expect(other).not.toHaveURL(/\/sign-in/);
  });
  await off.provider.stop();
  await off.stagedoor.stop();

  const again = await startWithProvider({}, dataFolder);
  const back = await open(again.stagedoor.webUrl);
  await signIn(back, FIRST_ADMINISTRATOR);
  await expect(back).toHaveURL(LIST);
  await stopWithProvider(again);
  expect([...on.stagedoor.errorLines(), ...off.stagedoor.errorLines()]).toEqual([]);
});
