import { sql } from 'drizzle-orm';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { createScope } from '#lib/api-accounts/scopes/create.ts';
import { openReveal } from '#lib/key-delivery/reveal/open.ts';
import { readCurrentReveal, revealKey } from '#lib/testing/accounts.ts';
import { acceptMessage, reportDelivery } from '#lib/testing/messages.ts';
import { setUpTotp } from '#lib/testing/test-users.ts';
import { SMALL_VIEWPORT } from './fixtures/appearance.ts';
import { appearanceTest, testVisits, type Visits } from './fixtures/appearance-test.ts';
import { backdateKeyDelivery, readMessageStates } from './fixtures/key-delivery.ts';
import { expireRecentAuth } from './fixtures/mfa.ts';
import {
  ACCOUNTS_PATH,
  createAccount,
  createDetails,
  fillNewAccount,
  findAccount,
  focusToast,
  getDialog,
  getTimelineEntries,
  openEditor,
  openUsage,
} from './fixtures/pages.ts';
import { expect } from './fixtures/test.ts';
import { insertUsage, setLastUsed } from './fixtures/usage.ts';
import { setChecklistShown, toCurrentUser } from './fixtures/users.ts';

/** Usage in 29 days: a series of large values, one of small values, and one of values of every size. */
const BUSY_MONTH = Array.from({ length: 700 }, (_, hour) => ({
  hoursAgo: hour,
  allowed: 1_234_567 + hour,
  inactive: hour % 5,
  // Multiples of a prime: the same in each run, but without a pattern.
  limited: (hour * 7_919) % 100_000,
}));

const VISITS: Visits = {
  'API accounts': async ({ openAdministrator, check }) => {
    const page = await openAdministrator();
    const details = await createAccount(page);
    const toast = page.getByText(`${details.username} created`);
    await expect(toast).toBeVisible();
    await focusToast(page);
    await check(page, 'toast');
    await expect(toast).toBeVisible();
    await page.goto(ACCOUNTS_PATH);
    await check(page, 'list');
    await page.getByRole('button', { name: 'New API Account' }).first().click();
    const box = getDialog(page, 'New API Account');
    await expect(box).toBeVisible();
    await check(page, 'new account');
    await page.goto(`${ACCOUNTS_PATH}?search=no+such+account`);
    await page.getByRole('button', { name: 'New API Account' }).first().click();
    await box.getByRole('button', { name: 'Create API Account' }).click();
    await expect(box.getByRole('alert').first()).toBeVisible();
    await check(page, 'new account with errors');
    await page.keyboard.press('Escape');
    await expect(box).toBeHidden();
    await check(page, 'no account found');
  },

  'first-run checklist': async ({ newUser, signedInAs, database, check }) => {
    const user = await newUser('settings_administrator');
    await setChecklistShown(database, user.userId, true);
    const page = await signedInAs(user);
    await page.goto(ACCOUNTS_PATH);
    await expect(page.getByRole('heading', { name: 'Get started' })).toBeVisible();
    await check(page, 'list');
  },

  'API accounts for a viewer': async ({ signedInAs, check }) => {
    const page = await signedInAs('settings_viewer');
    await page.goto(ACCOUNTS_PATH);
    await check(page, 'list');
  },

  'an API account': async ({ openAdministrator, apiAccount, check }) => {
    const page = await openAdministrator();
    const account = await apiAccount();
    const row = await findAccount(page, account.username);
    await row.getByRole('button', { name: 'Reset API Key' }).click();
    await expect(getDialog(page, 'Reset API Key')).toBeVisible();
    await check(page, 'reset');
    const editor = await openEditor(page, account);
    await expect(editor).toBeVisible();
    await check(page, 'editor');
    await editor.getByLabel('Phone number').fill('+442079460000');
    await editor.getByRole('button', { name: 'Save' }).click();
    await expect(editor.getByRole('alert').first()).toBeVisible();
    await check(page, 'editor with an error');
  },

  'an API account alone, and deleted': async ({ openAdministrator, apiAccount, check }) => {
    const page = await openAdministrator();
    const { id, username } = await apiAccount({ status: 'active' });
    await page.goto(`${ACCOUNTS_PATH}/${id}`);
    await expect(page.getByRole('button', { name: 'Save' })).toBeEnabled();
    await page.getByLabel('Email address').fill('it@gmial.com');
    await page.getByLabel('Phone number').fill('07894 123 456');
    await page.getByLabel('This API account is active').uncheck();
    await expect(page.getByRole('button', { name: 'Use +44 7894 123456' })).toBeVisible();
    await check(page, 'with consequences');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await check(page, 'asking before discarding');
    await getDialog(page, 'Discard your changes?').getByRole('button', { name: 'Keep editing' }).click();
    await page.getByRole('button', { name: 'Delete API account…' }).click();
    await check(page, 'deleting');
    await page.getByLabel('Username to delete').fill(username);
    await page.keyboard.press('Enter');
    await expect(page.getByText('This account was deleted')).toBeVisible();
    await check(page, 'deleted');
    await page.goto('/settings/users/deleted-api-accounts');
    await expect(page.getByRole('cell', { name: username })).toBeVisible();
    await check(page, 'deleted accounts');
  },

  'access of an API account': async ({ openAdministrator, apiAccount, database, actor, check }) => {
    const page = await openAdministrator();
    const scope = {
      name: 'appearance:orders:read-and-write',
      description: 'Read and place orders of a company',
    };
    await createScope(database, actor, scope);
    const { id, username } = await apiAccount({ status: 'active' });
    await page.goto(`${ACCOUNTS_PATH}/${id}`);
    await expect(page.getByRole('button', { name: 'Save' })).toBeEnabled();
    await page.getByLabel('Expiry', { exact: true }).fill('2026-01-31T12:00');
    await page.getByRole('checkbox', { name: 'Full access' }).uncheck();
    await page.getByRole('checkbox', { name: scope.name }).check();
    await expect(page.getByText('any other scope')).toBeVisible();
    await check(page, 'with consequences');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('This account has expired')).toBeVisible();
    await check(page, 'expired');
    await page.goto(`${ACCOUNTS_PATH}?status=expiring`);
    await expect(page.getByRole('row', { name: username })).toBeVisible();
    await check(page, 'list of expiring accounts');
    await page.getByRole('button', { name: 'New API Account' }).first().click();
    const box = getDialog(page, 'New API Account');
    await box.getByText('Access (optional)').click();
    await box.getByRole('checkbox', { name: 'Full access' }).uncheck();
    await box.getByLabel('Expiry', { exact: true }).fill('2031-06-30T23:59');
    await check(page, 'new account with access');
  },

  'networks of an API account': async ({ openAdministrator, apiAccount, database, check }) => {
    const page = await openAdministrator();
    const { id } = await apiAccount({ status: 'active' });
    const addresses = [
      '203.0.113.7',
      '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff',
      '198.51.100.1',
      '198.51.100.2',
    ];
    await database.execute(sql`
      insert into api_account_addresses
        select ${id}::uuid, allowed, address, now() - allowed::int * interval '2 hours'
        from json_array_elements_text(${JSON.stringify(addresses)}::text::json) as address,
          unnest('{true,false}'::bool[]) as allowed`);
    await database.execute(sql`update api_accounts set allowed_networks = '{10.0.0.0/8}' where id = ${id}`);
    await page.goto(`${ACCOUNTS_PATH}/${id}`);
    await page.getByRole('button', { name: 'Suggest from recent use' }).click();
    await expect(page.getByText('Added 4 addresses')).toBeVisible();
    await check(page, 'with suggestions');
    await page.getByLabel('Allowed networks').fill('192.0.2.300');
    await page.getByLabel('Notes').focus();
    await expect(page.getByText('Line 1: “192.0.2.300” isn’t')).toBeVisible();
    await expect(page.getByText('addresses in recent use are refused')).toBeVisible();
    await check(page, 'with an error and consequences');
  },

  'an old key that still works': async ({
    openAdministrator,
    openPage,
    apiAccount,
    database,
    actor,
    check,
  }) => {
    const page = await openAdministrator();
    const account = await apiAccount({ status: 'active' });
    await setLastUsed(database, account.username, 2);
    await resetApiKey(database, actor, { id: account.id, oldKey: 'on_collection' });
    await revealKey(database, account.id);
    await resetApiKey(database, actor, { id: account.id, oldKey: { hours: 24 } });
    const { token } = await readCurrentReveal(database, account.id);
    const integrator = await openPage();
    await integrator.goto(`/reveal#${token}`);
    await expect(integrator.getByText('Your current key works until')).toBeVisible();
    await check(integrator, 'code page');
    await findAccount(page, account.username);
    await page.getByRole('button', { name: 'Reset API Key' }).click();
    const box = getDialog(page, 'Reset API Key');
    await box.getByRole('radio', { name: 'After a set time' }).check();
    await expect(box.getByText(/^Used /)).toBeVisible();
    await check(page, 'reset');
    const editor = await openEditor(page, account);
    await expect(editor).toContainText('Old key still works until');
    await check(page, 'editor');
    await editor.getByRole('button', { name: 'End it now' }).click();
    await expect(getDialog(page, 'End the old key now?')).toBeVisible();
    await check(page, 'ending it');
  },

  'a key delivery in progress': async ({ openAdministrator, apiAccount, database, check }) => {
    const page = await openAdministrator();
    const account = await apiAccount();
    await expect.poll(() => readMessageStates(database, account.id)).toEqual(['sent', 'sent']);
    const box = await openEditor(page, account);
    // The start, and for each of the two messages that it was queued and sent.
    await expect(getTimelineEntries(box)).toHaveCount(5);
    await getTimelineEntries(box).last().scrollIntoViewIfNeeded();
    await check(page, 'editor');
    await box.getByRole('button', { name: 'Read the code out by phone…' }).click();
    const dialog = getDialog(page, 'Read the code out by phone');
    await expect(dialog).toBeVisible();
    await check(page, 'instructions for a call');
    await dialog.getByRole('button', { name: 'Show code' }).click();
    await expect(dialog.getByText('Read these digits')).toBeVisible();
    await check(page, 'a code to read out');
  },

  'a key delivery with a problem': async ({ openAdministrator, apiAccount, database, check }) => {
    const page = await openAdministrator();
    const account = await apiAccount();
    await expect.poll(() => readMessageStates(database, account.id)).toEqual(['sent', 'sent']);
    const messageId = await acceptMessage(database, account.id, 'email', 'resend');
    await reportDelivery(database, messageId, 'bounced', { reason: 'There is no such mailbox.' });
    await backdateKeyDelivery(database, account, '2 minutes');
    const row = await findAccount(page, account.username);
    await expect(row).toContainText('The email bounced');
    await check(page, 'list');
    await row.getByRole('link', { name: account.email }).click();
    await page.getByRole('dialog').getByRole('link', { name: 'Delivery' }).click();
    await expect(page.getByRole('dialog').getByRole('button', { name: 'Resend both' })).toBeInViewport();
    await check(page, 'editor');
  },

  'a complete key delivery after a replaced one': async ({
    openAdministrator,
    apiAccount,
    database,
    actor,
    check,
  }) => {
    const page = await openAdministrator();
    const account = await apiAccount();
    await resetApiKey(database, actor, { id: account.id });
    await expect.poll(() => readMessageStates(database, account.id)).toEqual(['sent', 'sent']);
    await openReveal(database, (await readCurrentReveal(database, account.id)).token);
    await revealKey(database, account.id);
    await insertUsage(database, account.username, [{ hoursAgo: 0, allowed: 1 }]);
    const box = await openEditor(page, account);
    await expect(getTimelineEntries(box).last()).toContainText('First request with this key');
    await box.getByText(/: replaced$/).click();
    await getTimelineEntries(box).last().scrollIntoViewIfNeeded();
    await check(page, 'editor');
  },

  'usage of an API account': async ({ openAdministrator, apiAccount, database, check }) => {
    const page = await openAdministrator();
    const account = await apiAccount();
    await expect(await openUsage(page, account)).toContainText('No requests yet');
    await check(page, 'empty');
    await insertUsage(database, account.username, BUSY_MONTH);
    await setLastUsed(database, account.username, 3);
    const box = await openUsage(page, account);
    await box.getByRole('figure').scrollIntoViewIfNeeded();
    await check(page, 'full');
    await box.getByLabel('Requests per minute').fill('0');
    await box.getByRole('button', { name: 'Save' }).click();
    await expect(box.getByRole('alert')).toBeVisible();
    await check(page, 'with an error');
  },

  'a reported change': async ({ openAdministrator, openPage, changedApiAccount, check }) => {
    const { details, link } = await changedApiAccount();
    const page = await openPage();
    await page.goto(link);
    const button = page.getByRole('button', { name: 'This was not us' });
    await expect(button).toBeEnabled();
    await check(page, 'asking');
    await button.click();
    await expect(page.getByText(/We’ve told the administrators/)).toBeVisible();
    await check(page, 'reported');
    await page.goto('about:blank');
    await page.goto('/report-change');
    await expect(page.getByRole('heading', { name: 'This link is incomplete' })).toBeVisible();
    await check(page, 'incomplete');
    const administrator = await openAdministrator();
    await expect(await findAccount(administrator, details.username)).toContainText('unauthorised');
    await check(administrator, 'list');
    const editor = await openEditor(administrator, details);
    const resolve = editor.getByRole('button', { name: 'Mark as resolved' });
    await expect(resolve).toBeEnabled();
    await expect(editor).toContainText('unauthorised');
    await check(administrator, 'editor');
    await resolve.click();
    await expect(editor).toContainText('Marked as resolved');
    await check(administrator, 'editor, resolved');
  },

  'a leaked key': async ({ openAdministrator, openPage, apiAccount, check }) => {
    const { id, key } = await apiAccount({ status: 'active' });
    const page = await openPage();
    await page.goto('/leaked');
    const button = page.getByRole('button', { name: 'Report leaked key' });
    await expect(button).toBeEnabled();
    await check(page, 'asking');
    await button.click();
    await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
    await check(page, 'with an error');
    await page.getByLabel('API key', { exact: true }).fill(key);
    await page.getByLabel('Where did you find it?').fill(`https://example.org/${'long-name/'.repeat(30)}`);
    await button.click();
    await expect(page.getByText('If this key was live')).toBeVisible();
    await check(page, 'reported');
    const administrator = await openAdministrator();
    await administrator.goto(`${ACCOUNTS_PATH}/${id}`);
    await expect(administrator.getByRole('region', { name: 'Leaked key' })).toBeVisible();
    await check(administrator, 'account');
    await administrator.goto(`${ACCOUNTS_PATH}/${id}?dialog=resetKey`);
    await expect(administrator.getByRole('dialog')).toContainText('reported as leaked');
    await check(administrator, 'reset');
  },

  're-authentication': async ({ newSession, openPage, database, check }) => {
    const session = await newSession('settings_administrator');
    await setUpTotp(database, toCurrentUser(session, 'settings_administrator'));
    const page = await openPage(session.cookies);
    await page.goto(ACCOUNTS_PATH);
    const creating = await fillNewAccount(page, createDetails());
    await expireRecentAuth(database, session);
    await creating.getByRole('button', { name: 'Create API Account' }).click();
    await getDialog(page, 'Confirm it’s you').getByLabel('Code from your authenticator app').fill('000000');
    await page.keyboard.press('Enter');
    await expect(page.getByText('That code isn’t right, or has already been used.')).toBeVisible();
    await check(page, 'a wrong code');
  },
};

appearanceTest.describe('page fits every width and passes axe', () => {
  appearanceTest.use(SMALL_VIEWPORT);

  testVisits(VISITS, {
    onlyAtFullSize: [
      'an API account alone, and deleted',
      'access of an API account',
      'networks of an API account',
      'API accounts for a viewer',
      'an old key that still works',
      'a key delivery in progress',
      'a key delivery with a problem',
      'a complete key delivery after a replaced one',
      'a reported change',
      'a leaked key',
      'first-run checklist',
      'usage of an API account',
      're-authentication',
    ],
  });
});
