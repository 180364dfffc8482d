import { sql } from 'drizzle-orm';
import { revokeAccessToken } from '#lib/access-tokens/revoke.ts';
import { createScope } from '#lib/api-accounts/scopes/create.ts';
import { retireScope } from '#lib/api-accounts/scopes/retire.ts';
import { ACCESS_TOKEN_SCOPES } from '#lib/platform/authorization/actor.ts';
import { createTestAccessToken } from '#lib/testing/access-tokens.ts';
import { setUpPasskey } from '#lib/testing/test-users.ts';
import { createTestEndpoint } from '#lib/testing/webhook-receiver.ts';
import { SMALL_VIEWPORT } from './fixtures/appearance.ts';
import { appearanceTest, testVisits, type Visits } from './fixtures/appearance-test.ts';
import { generateCurrentTotp, saveRecoveryCodes, YOUR_ACCOUNT_PATH } from './fixtures/mfa.ts';
import {
  ACCESS_TOKENS_PATH,
  ACCOUNTS_PATH,
  getDialog,
  openEditor,
  SCOPES_PATH,
  TEXT_MESSAGES_PATH,
  WEBHOOKS_PATH,
} from './fixtures/pages.ts';
import { expect } from './fixtures/test.ts';
import { toCurrentUser } from './fixtures/users.ts';
import { insertDelivery, RARE_EVENTS } from './fixtures/webhooks.ts';

const USERS_PATH = '/settings/users';
const AUDIT_LOG_PATH = '/settings/audit-log';
const NEW_PASSWORD = 'a quiet lamp on the stairs';
const PASSKEY = 'Chrome on a laptop with a name that is rather long';

const VISITS: Visits = {
  'text messages': async ({ openAdministrator, check }) => {
    const page = await openAdministrator();
    await page.goto(TEXT_MESSAGES_PATH);
    const save = page.getByRole('button', { name: 'Save' });
    await expect(save).toBeEnabled();
    await check(page, 'form');
    await page.getByLabel('Daily limit per account').fill('many');
    await page.getByLabel('Search countries').fill('no such country');
    await save.click();
    await expect(page.getByRole('alert').first()).toBeVisible();
    await check(page, 'with errors');
  },

  scopes: async ({ openAdministrator, apiAccount, database, actor, check }) => {
    const name = `appearance:${'long-name-'.repeat(2)}${Date.now().toString(36)}`;
    const description = 'Read the orders of every customer, with their lines and their invoices. '.repeat(2);
    for (const scope of [name, `${name}.old`])
      await createScope(database, actor, { name: scope, description });
    await retireScope(database, actor, { name: `${name}.old` });
    const { id } = await apiAccount({ status: 'active' });
    await database.execute(sql`update api_accounts set scopes = array[${name}] where id = ${id}`);
    const page = await openAdministrator();
    await page.goto(SCOPES_PATH);
    const row = page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
    await expect(row).toContainText('Read the orders');
    await check(page, 'list');
    await row.getByRole('button', { name: 'Retire…' }).click();
    await expect(getDialog(page, 'Retire scope').getByText('You can’t undo this')).toBeVisible();
    await check(page, 'retiring');
    await page.keyboard.press('Escape');
    await row.getByRole('button', { name: 'Edit' }).click();
    const editing = getDialog(page, 'Edit scope');
    await database.execute(sql`update scopes set description = 'Changed' where name = ${name}`);
    await editing.getByLabel('Description').fill('Read orders');
    await page.keyboard.press('Enter');
    await expect(editing.getByText('Theirs: Changed')).toBeVisible();
    await check(page, 'a conflict');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'New scope' }).click();
    const creating = getDialog(page, 'New scope');
    await creating.getByRole('button', { name: 'Create scope' }).click();
    await expect(creating.getByRole('alert').first()).toBeVisible();
    await check(page, 'new scope with errors');
  },

  'access tokens': async ({ openAdministrator, database, actor, check }) => {
    const create = (name: string) =>
      createTestAccessToken(database, [...ACCESS_TOKEN_SCOPES], { name, administrator: actor });
    const { name } = await create(`Appearance of ${'a-long-name-'.repeat(4)}${Date.now().toString(36)}`);
    await revokeAccessToken(database, actor, await create(`${name} 2`));
    const page = await openAdministrator();
    await page.goto(ACCESS_TOKENS_PATH);
    const row = page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
    await expect(row).toContainText('View API accounts');
    await check(page, 'list');
    await row.getByRole('button', { name: 'Revoke…' }).click();
    await expect(getDialog(page, 'Revoke access token')).toContainText('It was never used');
    await check(page, 'revoking');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'New access token' }).click();
    const creating = getDialog(page, 'New access token');
    const submit = creating.getByRole('button', { name: 'Create access token' });
    await creating.getByLabel('Expires after (days)').fill('many');
    await submit.click();
    await expect(creating.getByRole('alert')).toHaveCount(3);
    await check(page, 'new token with errors');
    await creating.getByLabel('Name').fill(`${name} 3`);
    await creating.getByLabel('View the audit log').check();
    await creating.getByLabel('Expires after (days)').fill('30');
    await submit.click();
    const shown = getDialog(page, 'Your new access token');
    await shown.getByRole('button', { name: 'Close' }).click();
    await expect(shown.getByRole('alert')).toBeVisible();
    await check(page, 'a new token');
  },

  webhooks: async ({ openAdministrator, database, actor, check }) => {
    const url = `https://${Date.now().toString(36)}.example.org/${'a-long-path-'.repeat(8)}`;
    const description = 'The customer database of the sales team, which Ada looks after';
    const endpoint = { url, description, eventTypes: RARE_EVENTS };
    const { id } = await createTestEndpoint(database, actor, endpoint);
    const deliveryId = await insertDelivery(database, id, 'failed', `<h1>Error</h1>${'x'.repeat(3_000)}`);
    await insertDelivery(database, id, 'delivered');
    const page = await openAdministrator();
    await page.goto(WEBHOOKS_PATH);
    await expect(page.getByRole('link', { name: url })).toBeVisible();
    await check(page, 'list');
    await page.getByRole('button', { name: 'New webhook endpoint' }).click();
    const creating = getDialog(page, 'New webhook endpoint');
    await creating.getByRole('button', { name: 'Create endpoint' }).click();
    await expect(creating.getByRole('alert')).toHaveCount(2);
    await check(page, 'new endpoint with errors');
    await page.keyboard.press('Escape');
    await database.execute(
      sql`update webhook_endpoints set failing_since = now() - interval '2 days' where id = ${id}`,
    );
    await page.goto(`${WEBHOOKS_PATH}/${id}`);
    await expect(page.getByText('Events don’t arrive')).toBeVisible();
    await check(page, 'failing endpoint with deliveries');
    await page.getByRole('button', { name: 'Delete…' }).click();
    await expect(getDialog(page, 'Delete webhook endpoint').getByText('You can’t undo this')).toBeVisible();
    await check(page, 'deleting');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Rotate secret' }).click();
    const rotating = getDialog(page, 'Rotate signing secret');
    await rotating.getByLabel('Keep the old secret for (hours)').fill('');
    await rotating.getByRole('button', { name: 'Rotate secret' }).click();
    await expect(rotating.getByRole('alert')).toBeVisible();
    await check(page, 'rotating with an error');
    await rotating.getByLabel('Keep the old secret for (hours)').fill('24');
    await rotating.getByRole('button', { name: 'Rotate secret' }).click();
    await expect(getDialog(page, 'Your new signing secret')).toBeVisible();
    await check(page, 'a new secret');
    await page.goto(`${WEBHOOKS_PATH}/${id}/deliveries/${deliveryId}`);
    await expect(page.getByText('Status 500')).toBeVisible();
    await check(page, 'request and response');
  },

  jobs: async ({ openAdministrator, apiAccount, database, actor, check }) => {
    const accounts = [await apiAccount(), await apiAccount()];
    const page = await openAdministrator();
    await page.goto(ACCOUNTS_PATH);
    for (const { username } of accounts) await page.getByLabel(`Select ${username}`).check();
    await check(page, 'selected accounts');
    await page.getByRole('button', { name: 'Change selected…' }).click();
    const dialog = getDialog(page, 'Change selected accounts');
    for (const operation of ['Reset API keys', 'Set the expiry', 'Set the scopes', 'Set the limit']) {
      await dialog.getByLabel(operation, { exact: true }).check();
      await expect(dialog.getByText('This is done to 2 accounts')).toBeVisible();
      await check(page, operation);
    }
    const [first, second] = accounts;
    const id = crypto.randomUUID();
    await database.execute(sql`
      insert into bulk_jobs (id, operation, state, waiting_until, created_by, ip_address, has_recent_auth, total)
        select ${id}::uuid, 'reset', 'running', now() + interval '5 hours', ${actor.userId}::uuid, '192.0.2.7', true, 2`);
    await database.execute(sql`
      insert into bulk_job_items (job_id, position, state, account_id, errors, note) values
        (${id}, 1, 'failed', ${first?.id}, '[{"column": null, "detail": "The key was collected after you started the job."}]', null),
        (${id}, 2, 'pending', ${second?.id}, null, null)`);
    await page.goto(`/settings/jobs/${id}`);
    await expect(page.getByText('Today’s limit of text messages is reached')).toBeVisible();
    await check(page, 'a waiting job');
    await page.getByRole('button', { name: 'Cancel job…' }).click();
    await expect(getDialog(page, 'Cancel job')).toBeVisible();
    await check(page, 'cancelling');
    await database.execute(
      sql`update bulk_jobs set state = 'cancelled', ended_at = now(), waiting_until = null where id = ${id}`,
    );
    await page.goto('/settings/jobs');
    await expect(page.getByRole('row').filter({ hasText: 'Reset API keys: 2 accounts' })).toBeVisible();
    await check(page, 'list of jobs');
    await page.goto('/settings/jobs/import');
    await page.getByRole('button', { name: 'Upload and check' }).click();
    await expect(page.getByText('Select a file.')).toBeVisible();
    await check(page, 'import without a file');
    await page.getByLabel('CSV file').setInputFiles({
      name: 'accounts.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(
        `username,email,phone\n${'A very long name '.repeat(3)}${id.slice(0, 8)},it@example.com,+447894123456\nB,it@,123\n`,
      ),
    });
    await page.getByRole('button', { name: 'Upload and check' }).click();
    await expect(page.getByText('Which accounts do you want to create?')).toBeVisible();
    await check(page, 'checked rows');
    await page.getByRole('button', { name: 'Cancel job…' }).click();
    await getDialog(page, 'Cancel job').getByRole('button', { name: 'Cancel job' }).click();
    await expect(page.getByRole('status').filter({ hasText: 'Cancelled' })).toBeVisible();
  },

  'jobs for a viewer': async ({ signedInAs, check }) => {
    const page = await signedInAs('settings_viewer');
    await page.goto('/settings/jobs');
    await expect(page.getByText('You don’t have access to this page')).toBeVisible();
    await check(page, 'no access');
  },

  'access tokens for a viewer': async ({ signedInAs, check }) => {
    const page = await signedInAs('settings_viewer');
    await page.goto(ACCESS_TOKENS_PATH);
    await expect(page.getByRole('heading', { level: 1, name: 'Access tokens' })).toBeVisible();
    await check(page, 'read-only');
  },

  expiry: async ({ openAdministrator, check }) => {
    const page = await openAdministrator();
    await page.goto('/settings/expiry');
    const save = page.getByRole('button', { name: 'Save' });
    await expect(save).toBeEnabled();
    await page.getByLabel('Maximum, in days').fill('365');
    await expect(page.getByText('Accounts that already exist keep their expiry')).toBeVisible();
    await check(page, 'with a maximum');
    await page.getByLabel('Default, in days').fill('many');
    await save.click();
    await expect(page.getByRole('alert').first()).toBeVisible();
    await check(page, 'with errors');
  },

  'your account': async ({ newSession, openPage, database, check }) => {
    const session = await newSession('settings_administrator');
    const page = await openPage(session.cookies);
    await page.goto(YOUR_ACCOUNT_PATH);
    await check(page, 'no two-step sign-in');
    await page.getByRole('button', { name: 'Set up an app' }).click();
    const setUp = getDialog(page, 'Set up an authenticator app');
    await setUp.getByLabel('Code from the app').fill('12');
    await page.keyboard.press('Enter');
    await expect(setUp.getByRole('alert')).toBeVisible();
    await check(page, 'setting up an app');
    const shown = setUp.getByRole('status').filter({ hasText: /^[A-Z2-7 ]{39}$/ });
    await setUp.getByLabel('Code from the app').fill(generateCurrentTotp((await shown.textContent()) ?? ''));
    await page.keyboard.press('Enter');
    await expect(getDialog(page, 'Your recovery codes')).toBeVisible();
    await check(page, 'recovery codes');
    await saveRecoveryCodes(page);
    await setUpPasskey(database, toCurrentUser(session, 'settings_administrator'), PASSKEY);
    await page.goto(YOUR_ACCOUNT_PATH);
    await expect(page.getByText(PASSKEY)).toBeVisible();
    await check(page, 'with both factors');
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(getDialog(page, 'Remove passkey')).toBeVisible();
    await check(page, 'removing a passkey');
  },

  'your account, signed in twice': async ({ newSession, openPage, check }) => {
    const session = await newSession('settings_viewer');
    await newSession(session);
    const page = await openPage(session.cookies);
    await page.goto(YOUR_ACCOUNT_PATH);
    const list = page.getByRole('list', { name: 'Where you’re signed in' });
    await expect(list.getByRole('listitem')).toHaveCount(2);
    await check(page, 'sessions');
    await page.getByRole('button', { name: 'Change password' }).click();
    await getDialog(page, 'Change password').getByLabel('New password').fill(NEW_PASSWORD);
    await expect(page.getByRole('meter')).toBeVisible();
    await check(page, 'change of the password');
  },

  users: async ({ newSession, newUser, openPage, check }) => {
    const session = await newSession('settings_administrator');
    const { email } = await newUser(null);
    const page = await openPage(session.cookies);
    await page.goto(USERS_PATH);
    await check(page, 'list');
    await page.getByRole('button', { name: 'Invite a user' }).click();
    await expect(getDialog(page, 'Invite a user')).toBeVisible();
    await check(page, 'invite');
    for (const [state, user] of [
      ['editor', email],
      ['own editor', session.email],
    ] as const) {
      await page.goto(USERS_PATH);
      await page.getByRole('row').filter({ hasText: user }).getByRole('button').click();
      await expect(getDialog(page, 'Edit user')).toBeVisible();
      await check(page, state);
    }
  },

  'audit log': async ({ openAdministrator, changedApiAccount, check }) => {
    const page = await openAdministrator();
    const { details } = await changedApiAccount();
    await page.goto(AUDIT_LOG_PATH);
    await check(page, 'entries');
    await page.goto(
      `${AUDIT_LOG_PATH}?account=${encodeURIComponent(details.username)}&action=api_account.edited`,
    );
    const entries = page.getByRole('region', { name: 'Audit log' }).getByRole('listitem');
    await entries.getByText('Details', { exact: true }).click();
    await expect(entries.getByRole('row', { name: /Email address/ })).toBeVisible();
    await check(page, 'details');
    await entries.getByText('Technical details', { exact: true }).click();
    await check(page, 'technical details');
    await page.goto(`${AUDIT_LOG_PATH}?search=no+such+thing`);
    await expect(page.getByRole('heading', { name: 'No entries match' })).toBeVisible();
    await check(page, 'nothing found');
    const editor = await openEditor(page, details);
    await editor.getByRole('link', { name: 'History' }).click();
    await expect(editor.getByText('edited the API account')).toBeVisible();
    await check(page, 'history of an account');
  },

  'audit log for a viewer': async ({ signedInAs, check }) => {
    const page = await signedInAs('settings_viewer');
    await page.goto(AUDIT_LOG_PATH);
    await expect(page.getByText('You don’t have access to this page')).toBeVisible();
    await check(page, 'no access');
  },
};

appearanceTest.describe('page fits every width and passes axe', () => {
  appearanceTest.use(SMALL_VIEWPORT);

  testVisits(VISITS, {
    onlyAtFullSize: [
      'access tokens',
      'access tokens for a viewer',
      'jobs',
      'jobs for a viewer',
      'webhooks',
      'expiry',
      'scopes',
      'text messages',
      'users',
      'your account',
      'your account, signed in twice',
      'audit log',
      'audit log for a viewer',
    ],
  });
});
