import { setUpPasskey, setUpTotp } from '#lib/testing/test-users.ts';
import { findViolations } from './fixtures/accessibility.ts';
import { checkAppearance, SMALL_VIEWPORT } from './fixtures/appearance.ts';
import { appearanceTest, testVisits, type Visits } from './fixtures/appearance-test.ts';
import { insertEmailLink } from './fixtures/email-links.ts';
import { enterPassword } from './fixtures/mfa.ts';
import { ACCOUNTS_PATH, enterCode, getDialog, readShownKey, receiveKeyDelivery } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';
import { toCurrentUser } from './fixtures/users.ts';

const NEW_PASSWORD = 'a quiet lamp on the stairs';
const PASSKEY = 'Chrome on a laptop with a name that is rather long';

const VISITS: Visits = {
  'sign-in': async ({ openPage, check }) => {
    const page = await openPage();
    await page.goto('/sign-in');
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeEnabled();
    await check(page, 'empty');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('alert').first()).toBeVisible();
    await check(page, 'with errors');
  },

  'second step of sign-in': async ({ openPage, newSession, database, check }) => {
    const session = await newSession('settings_administrator');
    const user = toCurrentUser(session, 'settings_administrator');
    await setUpTotp(database, user);
    await setUpPasskey(database, user, PASSKEY);
    const page = await openPage();
    await enterPassword(page, session);
    await check(page, 'asking');
    await page.getByRole('button', { name: 'Use a recovery code' }).click();
    await page.getByLabel('Recovery code').fill('ABCD-EFGH-IJKL-MNOP');
    await page.keyboard.press('Enter');
    await expect(page.getByText('That isn’t right')).toBeVisible();
    await check(page, 'a wrong recovery code');
  },

  'settings without a role, and a page that does not exist': async ({ signedInAs, check }) => {
    const page = await signedInAs(null);
    await page.goto(ACCOUNTS_PATH);
    await expect(page.getByRole('table')).toHaveCount(0);
    await check(page, 'no role');
    await page.goto('/no/such/page');
    await check(page, 'not found');
  },

  reveal: async ({ openPage, apiAccount, check }) => {
    const account = await apiAccount();
    const page = await openPage();
    await page.goto(account.link);
    const code = page.getByLabel('Authentication code');
    await expect(code).toBeVisible();
    await check(page, 'asking');
    await enterCode(page, '12');
    await expect(code).toHaveAttribute('aria-invalid', 'true');
    await check(page, 'a malformed code');
    await enterCode(page, account.code);
    await readShownKey(page);
    await page.getByRole('button', { name: 'Test this key' }).click();
    await expect(page.getByText('Your key works.')).toBeVisible();
    await check(page, 'key');
    await page.goto('about:blank');
    await page.goto(account.link);
    await expect(page.getByRole('heading', { name: 'This link has been used' })).toBeVisible();
    await check(page, 'used');
  },

  outbox: async ({ openAdministrator, apiAccount, outbox, check }) => {
    await receiveKeyDelivery(outbox, await apiAccount());
    const page = await openAdministrator();
    await page.goto('/outbox');
    await expect(page.getByRole('heading', { name: 'Outbox' })).toBeVisible();
    await check(page, 'messages');
  },

  'forgotten and new password': async ({ newUser, openPage, database, check }) => {
    const user = await newUser('settings_viewer');
    const page = await openPage();
    await page.goto('/forgotten-password');
    await check(page, 'asking');
    const send = page.getByRole('button', { name: 'Email me a link' });
    await send.click();
    await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
    await check(page, 'with an error');
    await page.getByLabel('Email address').fill(user.email);
    await send.click();
    await expect(page.getByText('we’ve emailed a link')).toBeVisible();
    await check(page, 'sent');
    await page.goto(`/set-password#${await insertEmailLink(database, user, 'password_reset')}`);
    await page.getByLabel('New password').fill('password');
    await page.getByRole('button', { name: 'Set password' }).click();
    await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
    await expect(page.getByRole('meter')).toBeVisible();
    await check(page, 'a weak password');
    await page.getByLabel('New password').fill(NEW_PASSWORD);
    await page.getByRole('button', { name: 'Set password' }).click();
    await expect(page.getByRole('heading', { name: 'Your password is set' })).toBeVisible();
    await check(page, 'set');
    await page.goto('about:blank');
    await page.goto(`/set-password#${'x'.repeat(64)}`);
    await expect(page.getByRole('heading', { name: 'This link doesn’t work' })).toBeVisible();
    await check(page, 'a link that does not work');
  },
};

appearanceTest.describe('page fits every width and passes axe', () => {
  appearanceTest.use(SMALL_VIEWPORT);

  testVisits(VISITS, {
    onlyAtFullSize: [
      'second step of sign-in',
      'settings without a role, and a page that does not exist',
      'outbox',
      'forgotten and new password',
    ],
  });
});

// Tests the checks themselves, with a broken page.
test('reports overflow, small targets and low contrast', async ({ openPage }, testInfo) => {
  const page = await openPage();
  const small = '<button style="width:10px;height:10px;padding:0" aria-label="Small"></button>';
  const pale = '<p style="color:#ccc">Pale</p>';
  // Two small buttons, because one small target with enough space around it is allowed.
  await page.setContent(`<title>Broken</title><main>${small}${small}${pale}<div id="wide">Wide</div></main>`);
  // The second run uses the script that the first one injected into the page.
  for (let run = 1; run <= 2; run += 1) {
    const found = (await findViolations(page)).join('\n');
    expect(found).toContain('target-size');
    expect(found).toContain('color-contrast');
  }
  await page.locator('#wide').evaluate((element) => {
    element.style.width = '2000px';
  });
  await expect(checkAppearance(page, testInfo, 'broken')).rejects.toThrow(/HTML: 20\d\d px in 3[26]0 px/);
});

test('traps the focus in a dialog, and returns it to the button', async ({ administrator: page }) => {
  await page.goto(ACCOUNTS_PATH);
  const opener = page.getByRole('button', { name: 'New API Account' }).first();
  // The button is disabled until React has hydrated the page.
  await expect(opener).toBeEnabled();
  await opener.focus();
  await page.keyboard.press('Enter');
  const box = getDialog(page, 'New API Account');
  await expect(box).toBeVisible();
  for (let press = 0; press < 12; press += 1) {
    await page.keyboard.press('Tab');
    expect(await box.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  }
  await page.keyboard.press('Escape');
  await expect(box).toBeHidden();
  await expect(opener).toBeFocused();
});
