import type { Page } from '@playwright/test';
import type { Database } from '#db/client.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { openReveal } from '#lib/key-delivery/reveal/open.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { presentReveal, revealKey } from '#lib/testing/accounts.ts';
import { acceptMessage, reportDelivery } from '#lib/testing/messages.ts';
import { withPasskey, withTotp } from '#lib/testing/people.ts';
import {
  ACCOUNT_PAGE,
  appCode,
  createRecoveryCodes,
  enterPassword,
  expireRecentAuth,
} from './fixtures/factors.ts';
import { look } from './fixtures/look.ts';
import type { Outbox } from './fixtures/outbox.ts';
import {
  createAccount,
  dialog,
  enterCode,
  entriesIn,
  fillNewAccount,
  findAccount,
  focusToast,
  LIST,
  openEditor,
  openUse,
  receive,
  shownKey,
  someDetails,
  TEXT_MESSAGES,
} from './fixtures/pages.ts';
import { expect, type TestFixtures, test } from './fixtures/test.ts';
import { backdateKeyDelivery, messageStates } from './fixtures/timeline.ts';
import { countEarlier, useEarlier } from './fixtures/usage.ts';
import { insertUserLink } from './fixtures/user-links.ts';
import { personOf } from './fixtures/users.ts';
import { violations } from './fixtures/violations.ts';

type Tools = Pick<
  TestFixtures,
  'openPage' | 'newUser' | 'newSession' | 'signedInAs' | 'apiAccount' | 'changedApiAccount'
> & {
  openAdministrator(): Promise<Page>;
  database: Database;
  actor: Administrator;
  outbox: Outbox;
  /** Looks at a page in one state, at every width and in every colour scheme. */
  see(page: Page, state: string): Promise<void>;
};

const USERS = '/settings/users';
const AUDIT_LOG = '/settings/audit-log';
const NEW_PASSWORD = 'a quiet lamp on the stairs';
const PASSKEY = 'Chrome on a laptop with a name that is rather long';

/** Enough for every series of the chart to have large and small values, for 30 days. */
const BUSY_MONTH = Array.from({ length: 700 }, (_, hour) => ({
  hoursAgo: hour,
  allowed: 1_234_567 + hour,
  inactive: hour % 5,
  limited: (hour * 7_919) % 100_000,
}));

/** Pages and their dialogs: each is opened once, and looked at in each of its states. */
const PAGES: Record<string, (tools: Tools) => Promise<void>> = {
  'sign-in': async ({ openPage, see }) => {
    const page = await openPage();
    await page.goto('/sign-in');
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeEnabled();
    await see(page, 'empty');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('alert').first()).toBeVisible();
    await see(page, 'with errors');
  },

  'second step of sign-in': async ({ openPage, newSession, database, see }) => {
    const session = await newSession('settings_administrator');
    const person = personOf(session, 'settings_administrator');
    await withTotp(database, person);
    await withPasskey(database, person, PASSKEY);
    const page = await openPage();
    await enterPassword(page, session);
    await see(page, 'asking');
    await page.getByRole('button', { name: 'Use a recovery code' }).click();
    await page.getByLabel('Recovery code').fill('ABCD-EFGH-IJKL-MNOP');
    await page.keyboard.press('Enter');
    await expect(page.getByText('That was not right')).toBeVisible();
    await see(page, 'a wrong recovery code');
  },

  'settings without a role, and a page that does not exist': async ({ signedInAs, see }) => {
    const page = await signedInAs(null);
    await page.goto(LIST);
    await expect(page.getByRole('table')).toHaveCount(0);
    await see(page, 'no role');
    await page.goto('/no/such/page');
    await see(page, 'not found');
  },

  'API accounts': async ({ openAdministrator, see }) => {
    const page = await openAdministrator();
    const details = await createAccount(page);
    const toast = page.getByText(`${details.username} was created`);
    await expect(toast).toBeVisible();
    await focusToast(page);
    await see(page, 'toast');
    await expect(toast).toBeVisible();
    await page.goto(LIST);
    await see(page, 'list');
    await page.getByRole('button', { name: 'New API Account' }).first().click();
    const box = dialog(page, 'New API Account');
    await expect(box).toBeVisible();
    await see(page, 'new account');
    await page.goto(`${LIST}?search=no+such+account`);
    await page.getByRole('button', { name: 'New API Account' }).first().click();
    await box.getByRole('button', { name: 'Create API Account' }).click();
    await expect(box.getByRole('alert').first()).toBeVisible();
    await see(page, 'new account with errors');
    await page.keyboard.press('Escape');
    await expect(box).toBeHidden();
    await see(page, 'no account found');
  },

  'API accounts for a viewer': async ({ signedInAs, see }) => {
    const page = await signedInAs('settings_viewer');
    await page.goto(LIST);
    await see(page, 'list');
  },

  'an API account': async ({ openAdministrator, apiAccount, see }) => {
    const page = await openAdministrator();
    const account = await apiAccount();
    const row = await findAccount(page, account.username);
    await row.getByRole('button', { name: 'Reset API Key' }).click();
    await expect(dialog(page, 'Reset API Key')).toBeVisible();
    await see(page, 'reset');
    const editor = await openEditor(page, account);
    await expect(editor).toBeVisible();
    await see(page, 'editor');
    await editor.getByLabel('Phone number').fill('+442079460000');
    await editor.getByRole('button', { name: 'Save' }).click();
    await expect(editor.getByRole('alert').first()).toBeVisible();
    await see(page, 'editor with an error');
  },

  'a hand-over that waits': async ({ openAdministrator, apiAccount, database, see }) => {
    const page = await openAdministrator();
    const account = await apiAccount();
    await expect.poll(() => messageStates(database, account.id)).toEqual(['sent', 'sent']);
    const box = await openEditor(page, account);
    await expect(entriesIn(box)).toHaveCount(5);
    await entriesIn(box).last().scrollIntoViewIfNeeded();
    await see(page, 'editor');
  },

  'a hand-over with a problem': async ({ openAdministrator, apiAccount, database, see }) => {
    const page = await openAdministrator();
    const account = await apiAccount();
    await expect.poll(() => messageStates(database, account.id)).toEqual(['sent', 'sent']);
    const messageId = await acceptMessage(database, account.id, 'email', 'resend');
    await reportDelivery(database, messageId, 'bounced', { reason: 'There is no such mailbox.' });
    await backdateKeyDelivery(database, account, '2 minutes');
    const row = await findAccount(page, account.username);
    await expect(row).toContainText('The email came back');
    await see(page, 'list');
    await row.getByRole('button', { name: 'See and send again' }).click();
    await expect(page.getByRole('dialog').getByRole('button', { name: 'Send both again' })).toBeInViewport();
    await see(page, 'editor');
  },

  'a hand-over that is complete, with an earlier one': async ({
    openAdministrator,
    apiAccount,
    database,
    actor,
    see,
  }) => {
    const page = await openAdministrator();
    const account = await apiAccount();
    await resetApiKey(database, actor, { id: account.id });
    await expect.poll(() => messageStates(database, account.id)).toEqual(['sent', 'sent']);
    await openReveal(database, (await presentReveal(database, account.id)).token);
    await revealKey(database, account.id);
    await countEarlier(database, account.username, [{ hoursAgo: 0, allowed: 1 }]);
    const box = await openEditor(page, account);
    await box.getByRole('tab', { name: 'Hand-over' }).click();
    await expect(entriesIn(box).last()).toContainText('used for the first time');
    await box.getByText(/, replaced$/).click();
    await entriesIn(box).last().scrollIntoViewIfNeeded();
    await see(page, 'editor');
  },

  'the use of an API account': async ({ openAdministrator, apiAccount, database, see }) => {
    const page = await openAdministrator();
    const account = await apiAccount();
    await expect(await openUse(page, account)).toContainText('Not used yet');
    await see(page, 'empty');
    await countEarlier(database, account.username, BUSY_MONTH);
    await useEarlier(database, account.username, 3);
    const box = await openUse(page, account);
    await box.getByRole('figure').scrollIntoViewIfNeeded();
    await see(page, 'full');
    await box.getByLabel('Requests per minute').fill('0');
    await box.getByRole('button', { name: 'Save' }).click();
    await expect(box.getByRole('alert')).toBeVisible();
    await see(page, 'with an error');
  },

  'a reported change': async ({ openAdministrator, openPage, changedApiAccount, see }) => {
    const { details, link } = await changedApiAccount();
    const page = await openPage();
    await page.goto(link);
    const button = page.getByRole('button', { name: 'This was not us' });
    await expect(button).toBeEnabled();
    await see(page, 'asking');
    await button.click();
    await expect(page.getByText(/have been told/)).toBeVisible();
    await see(page, 'told');
    await page.goto('about:blank');
    await page.goto('/not-us');
    await expect(page.getByRole('heading', { name: 'This link does not work' })).toBeVisible();
    await see(page, 'closed');
    const administrator = await openAdministrator();
    await expect(await findAccount(administrator, details.username)).toContainText('not us');
    await see(administrator, 'list');
    const editor = await openEditor(administrator, details);
    const settle = editor.getByRole('button', { name: 'I have looked into it' });
    await expect(settle).toBeEnabled();
    await expect(editor).toContainText('not us');
    await see(administrator, 'editor');
    await settle.click();
    await expect(editor).toContainText('Noted');
    await see(administrator, 'editor, settled');
  },

  reveal: async ({ openPage, apiAccount, see }) => {
    const account = await apiAccount();
    const page = await openPage();
    await page.goto(account.link);
    const code = page.getByLabel('Authentication code');
    await expect(code).toBeVisible();
    await see(page, 'asking');
    await enterCode(page, '12');
    await expect(code).toHaveAttribute('aria-invalid', 'true');
    await see(page, 'a malformed code');
    await enterCode(page, account.code);
    await shownKey(page);
    await see(page, 'key');
    await page.reload();
    await expect(page.getByText(/reset/i).first()).toBeVisible();
    await see(page, 'closed');
  },

  outbox: async ({ openAdministrator, apiAccount, outbox, see }) => {
    await receive(outbox, await apiAccount());
    const page = await openAdministrator();
    await page.goto('/outbox');
    await expect(page.getByRole('heading', { name: 'Outbox' })).toBeVisible();
    await see(page, 'messages');
  },

  'text messages': async ({ openAdministrator, see }) => {
    const page = await openAdministrator();
    await page.goto(TEXT_MESSAGES);
    const save = page.getByRole('button', { name: 'Save' });
    await expect(save).toBeEnabled();
    await see(page, 'rules');
    await page.getByLabel('Texts a day, for each account').fill('many');
    await page.getByLabel('Search countries').fill('no such country');
    await save.click();
    await expect(page.getByRole('alert').first()).toBeVisible();
    await see(page, 'with errors');
  },

  'your account': async ({ newSession, openPage, database, see }) => {
    const session = await newSession('settings_administrator');
    const page = await openPage(session.cookies);
    await page.goto(ACCOUNT_PAGE);
    await see(page, 'no second factor');
    await page.getByRole('button', { name: 'Set up an app' }).click();
    const setUp = dialog(page, 'Set up an authenticator app');
    await setUp.getByLabel('Code from the app').fill('12');
    await page.keyboard.press('Enter');
    await expect(setUp.getByRole('alert')).toBeVisible();
    await see(page, 'setting up an app');
    const shown = setUp.getByRole('status').filter({ hasText: /^[A-Z2-7 ]{39}$/ });
    await setUp.getByLabel('Code from the app').fill(appCode((await shown.textContent()) ?? ''));
    await page.keyboard.press('Enter');
    await expect(dialog(page, 'Your recovery codes')).toBeVisible();
    await see(page, 'recovery codes');
    await createRecoveryCodes(page);
    await withPasskey(database, personOf(session, 'settings_administrator'), PASSKEY);
    await page.goto(ACCOUNT_PAGE);
    await expect(page.getByText(PASSKEY)).toBeVisible();
    await see(page, 'with both factors');
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(dialog(page, 'Remove passkey')).toBeVisible();
    await see(page, 'removing a passkey');
  },

  'your account, signed in twice': async ({ newSession, openPage, see }) => {
    const session = await newSession('settings_viewer');
    await newSession(session);
    const page = await openPage(session.cookies);
    await page.goto(ACCOUNT_PAGE);
    const list = page.getByRole('list', { name: 'Where you are signed in' });
    await expect(list.getByRole('listitem')).toHaveCount(2);
    await see(page, 'sessions');
    await page.getByRole('button', { name: 'Change password' }).click();
    await dialog(page, 'Change password').getByLabel('New password').fill(NEW_PASSWORD);
    await expect(page.getByRole('meter')).toBeVisible();
    await see(page, 'change of the password');
  },

  'forgotten and new password': async ({ newUser, openPage, database, see }) => {
    const user = await newUser('settings_viewer');
    const page = await openPage();
    await page.goto('/forgotten-password');
    await see(page, 'asking');
    const send = page.getByRole('button', { name: 'Send me a link' });
    await send.click();
    await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
    await see(page, 'with an error');
    await page.getByLabel('Email address').fill(user.email);
    await send.click();
    await expect(page.getByText('an email is on its way')).toBeVisible();
    await see(page, 'sent');
    await page.goto(`/set-password#${await insertUserLink(database, user, 'password_reset')}`);
    await page.getByLabel('New password').fill('password');
    await page.getByRole('button', { name: 'Set password' }).click();
    await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
    await expect(page.getByRole('meter')).toBeVisible();
    await see(page, 'a weak password');
    await page.getByLabel('New password').fill(NEW_PASSWORD);
    await page.getByRole('button', { name: 'Set password' }).click();
    await expect(page.getByRole('heading', { name: 'Your password is set' })).toBeVisible();
    await see(page, 'set');
    await page.goto('about:blank');
    await page.goto('/set-password#nothing');
    await expect(page.getByRole('heading', { name: 'This link does not work' })).toBeVisible();
    await see(page, 'a link that does not work');
  },

  users: async ({ newSession, newUser, openPage, see }) => {
    const session = await newSession('settings_administrator');
    const { email } = await newUser(null);
    const page = await openPage(session.cookies);
    await page.goto(USERS);
    await see(page, 'list');
    await page.getByRole('button', { name: 'Invite a user' }).click();
    await expect(dialog(page, 'Invite a user')).toBeVisible();
    await see(page, 'invite');
    for (const [state, user] of [
      ['editor', email],
      ['editor of oneself', session.email],
    ] as const) {
      await page.goto(USERS);
      await page.getByRole('row').filter({ hasText: user }).getByRole('button').click();
      await expect(dialog(page, 'Edit user')).toBeVisible();
      await see(page, state);
    }
  },

  'audit log': async ({ openAdministrator, changedApiAccount, see }) => {
    const page = await openAdministrator();
    const { details } = await changedApiAccount();
    await page.goto(AUDIT_LOG);
    await see(page, 'entries');
    await page.goto(`${AUDIT_LOG}?account=${encodeURIComponent(details.username)}&act=api_account.edited`);
    const entries = page.getByRole('region', { name: 'Audit log' }).getByRole('listitem');
    await entries.getByText('Details').click();
    await expect(entries.getByRole('row', { name: /Email address/ })).toBeVisible();
    await see(page, 'details');
    await page.goto(`${AUDIT_LOG}?search=no+such+thing`);
    await expect(page.getByRole('heading', { name: 'No entry matches' })).toBeVisible();
    await see(page, 'nothing found');
    const editor = await openEditor(page, details);
    await editor.getByRole('tab', { name: 'History' }).click();
    await expect(editor.getByText('edited the API account')).toBeVisible();
    await see(page, 'history of an account');
  },

  'audit log for a viewer': async ({ signedInAs, see }) => {
    const page = await signedInAs('settings_viewer');
    await page.goto(AUDIT_LOG);
    await expect(page.getByText('You do not have access to this page')).toBeVisible();
    await see(page, 'no access');
  },

  're-authentication': async ({ newSession, openPage, database, see }) => {
    const session = await newSession('settings_administrator');
    await withTotp(database, personOf(session, 'settings_administrator'));
    const page = await openPage(session.cookies);
    await page.goto(LIST);
    const creating = await fillNewAccount(page, someDetails());
    await expireRecentAuth(database, session);
    await creating.getByRole('button', { name: 'Create API Account' }).click();
    await dialog(page, 'Confirm that it is you').getByLabel('Your password').fill('wrong');
    await page.keyboard.press('Enter');
    await expect(page.getByText('That is not your password.')).toBeVisible();
    await see(page, 'a wrong password');
  },
};

test.describe('fits every width and passes axe in every colour scheme', () => {
  test.use({ contextOptions: { viewport: { width: 360, height: 800 }, reducedMotion: 'reduce' } });

  for (const [name, visit] of Object.entries(PAGES)) {
    test(
      name,
      async ({
        openPage,
        newUser,
        newSession,
        signedInAs,
        apiAccount,
        changedApiAccount,
        administratorCookies,
        database,
        actor,
        outbox,
      }, testInfo) => {
        await visit({
          openPage,
          newUser,
          newSession,
          signedInAs,
          apiAccount,
          changedApiAccount,
          openAdministrator: () => openPage(administratorCookies),
          database,
          actor,
          outbox,
          see: (page, state) => look(page, testInfo, `${name}: ${state}`),
        });
      },
    );
  }
});

test('reports what overflows, is too small to hit, or is hard to read', async ({ openPage }, testInfo) => {
  const page = await openPage();
  const small = '<button style="width:10px;height:10px;padding:0" aria-label="Small"></button>';
  const pale = '<p style="color:#ccc">Pale</p>';
  await page.setContent(`<title>Broken</title><main>${small}${small}${pale}<div id="wide">Wide</div></main>`);
  // The second run uses the axe that the first one left in the page.
  for (let run = 1; run <= 2; run += 1) {
    const found = (await violations(page)).join('\n');
    expect(found).toContain('target-size');
    expect(found).toContain('color-contrast');
  }
  await page.locator('#wide').evaluate((element) => {
    element.style.width = '2000px';
  });
  await expect(look(page, testInfo, 'broken')).rejects.toThrow(/HTML: 20\d\d px in 360 px/);
});

test('a dialog keeps the keyboard inside and gives it back', async ({ administrator: page }) => {
  await page.goto(LIST);
  const opener = page.getByRole('button', { name: 'New API Account' }).first();
  // Before the page is alive, the button is off and takes no keyboard.
  await expect(opener).toBeEnabled();
  await opener.focus();
  await page.keyboard.press('Enter');
  const box = dialog(page, 'New API Account');
  await expect(box).toBeVisible();
  for (let press = 0; press < 12; press += 1) {
    await page.keyboard.press('Tab');
    expect(await box.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  }
  await page.keyboard.press('Escape');
  await expect(box).toBeHidden();
  await expect(opener).toBeFocused();
});
