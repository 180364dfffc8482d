import { readFile } from 'node:fs/promises';
import { sql } from 'drizzle-orm';
import { withTransaction } from '#db/with-transaction.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { makeWrongCode } from '#lib/testing/accounts.ts';
import { enterCode } from './fixtures/pages.ts';
import { collectDistinctResponses, postSignIn } from './fixtures/sign-in.ts';
import { expect, test } from './fixtures/test.ts';

const AUDIT_LOG_PATH = '/settings/audit-log';

test.describe('audit log page', () => {
  for (const width of [1440, 360]) {
    test.describe(`${width} px wide`, { tag: width < 1000 ? ['@soak'] : [] }, () => {
      test.use({ contextOptions: { viewport: { width, height: 800 }, reducedMotion: 'reduce' } });

      test('filters the audit log, and shows the details of an event', async ({
        administrator: page,
        apiAccount,
        actor,
        database,
      }) => {
        const { id, ...details } = await apiAccount();
        const email = `new-${details.email}`;
        const edit = { id, version: 1, email, phone: details.phone, active: true };
        expect(await updateApiAccount(database, actor, edit)).toMatchObject({ ok: true });
        await page.goto(AUDIT_LOG_PATH);
        await expect(page.getByRole('heading', { level: 1, name: 'Audit log' })).toBeVisible();
        await page.getByRole('search').getByText('Filters', { exact: true }).click();
        await page.getByLabel('API account').fill(details.username);
        await page.getByRole('combobox', { name: 'Action' }).selectOption('api_account.edited');
        const apply = page.getByRole('button', { name: 'Apply' });
        await apply.focus();
        await page.keyboard.press('Enter');
        await expect(page).toHaveURL(/action=api_account\.edited/);
        const filters = page.locator('summary', { hasText: 'Filters (2)' });
        if (width < 640) {
          await expect(apply).toBeHidden();
          await expect(filters).toBeFocused();
          await expect(page.getByRole('region', { name: 'Audit log' })).toBeInViewport();
        } else await expect(apply).toBeFocused();
        const entries = page.getByRole('region', { name: 'Audit log' }).getByRole('listitem');
        await expect(entries).toHaveCount(1);
        await expect(entries).toContainText(`First administrator edited the API account ${details.username}`);
        await entries.locator('summary', { hasText: /Details$/ }).focus();
        await page.keyboard.press('Enter');
        const row = entries.getByRole('row', { name: /Email address/ });
        await expect(row.getByRole('cell')).toHaveText([details.email, email]);
        const digest = entries.getByText('Digest', { exact: true });
        await expect(digest).toBeHidden();
        await entries.getByText('Technical details', { exact: true }).click();
        await expect(digest).toBeVisible();
      });
    });
  }

  test('shows a wrong code with the IP address of the request, and a failed sign-in', {
    tag: '@soak',
  }, async ({ administrator: page, openPage, apiAccount, newUser, installation }) => {
    const { username, link, code } = await apiAccount();
    const integrator = await openPage();
    await integrator.goto(link);
    await enterCode(integrator, makeWrongCode(code));
    await expect(integrator.getByLabel('Authentication code')).toHaveAttribute('aria-invalid', 'true');
    await page.goto(`${AUDIT_LOG_PATH}?account=${encodeURIComponent(username)}&action=reveal.wrong_code`);
    const entry = page.getByRole('region', { name: 'Audit log' }).getByRole('listitem');
    await expect(entry).toContainText(`A wrong code was entered for ${username}`);
    await expect(entry).toContainText('Wrong code');
    await expect(entry).toContainText(/From 10\.\d+\.\d+\.\d+/);
    const user = await newUser(null);
    expect(await postSignIn(integrator, installation, { ...user, password: 'not the password' })).toBe(
      'wrong_credentials',
    );
    await page.goto(`${AUDIT_LOG_PATH}?search=${encodeURIComponent(user.email)}`);
    await expect(entry.first()).toContainText('Failed sign-in as Grace Hopper');
    await expect(entry.first().getByText('Failed', { exact: true })).toBeVisible();
  });

  test('shows older and newer events, and restores the search on Back and Forward', { tag: '@soak' }, async ({
    administrator: page,
    database,
  }) => {
    await withTransaction(database, async (transaction) => {
      for (let index = 0; index < 60; index += 1) recordAuditEvent(transaction, 'sign_out', { userId: null });
    });
    await page.goto(AUDIT_LOG_PATH);
    const list = page.getByRole('region', { name: 'Audit log' });
    // The times get longer with the reader's time zone, which moves the links under the list.
    await expect(list.getByText('GMT+5:45').last()).toBeAttached();
    await page.getByRole('link', { name: 'Older' }).click();
    await expect(page).toHaveURL(/after=/);
    await page.getByRole('link', { name: 'Newer' }).click();
    await expect(list.getByRole('listitem')).toHaveCount(50);
    await page.goto(AUDIT_LOG_PATH);
    await page.getByLabel('Search the audit log').fill('no such entry');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'No entries match' })).toBeVisible();
    await page.goBack();
    await expect(page.getByLabel('Search the audit log')).toHaveValue('');
    await page.goForward();
    await expect(page.getByLabel('Search the audit log')).toHaveValue('no such entry');
  });

  test('exports the filtered events as CSV and JSON Lines, and records the exports', {
    tag: '@soak',
  }, async ({ administrator: page, apiAccount }) => {
    const details = await apiAccount();
    await page.goto(
      `${AUDIT_LOG_PATH}?account=${encodeURIComponent(details.username)}&action=api_account.created`,
    );
    const [csv] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export CSV' }).click(),
    ]);
    expect(csv.suggestedFilename()).toMatch(/^stagedoor-audit-log-\d{4}-\d\d-\d\d\.csv$/);
    const lines = (await readFile(await csv.path(), 'utf8')).trimEnd().split('\r\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain(`"${details.username}"`);
    const [jsonl] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export JSON Lines' }).click(),
    ]);
    const [line = ''] = (await readFile(await jsonl.path(), 'utf8')).split('\n');
    expect(JSON.parse(line)).toMatchObject({
      action: 'api_account.created',
      details: { username: details.username },
      erasable: { details: { email: details.email } },
    });
    await page.goto(`${AUDIT_LOG_PATH}?action=audit.exported`);
    const entries = page.getByRole('region', { name: 'Audit log' }).getByRole('listitem');
    await expect(entries.filter({ hasText: 'First administrator exported the audit log' })).not.toHaveCount(
      0,
    );
  });

  test('shows a viewer neither the audit log nor a link to it', async ({ viewer }) => {
    await viewer.goto(AUDIT_LOG_PATH);
    await expect(viewer.getByText('You don’t have access to this page')).toBeVisible();
    await expect(viewer.getByRole('region', { name: 'Audit log' })).toHaveCount(0);
    await expect(viewer.getByRole('navigation', { name: 'Settings' }).getByText('Audit log')).toHaveCount(0);
  });

  test('keeps the filters in the URL while an anonymous visitor signs in', { tag: '@soak' }, async ({
    openPage,
    newUser,
    installation,
  }) => {
    const page = await openPage();
    await page.goto(`${AUDIT_LOG_PATH}?action=sign_out`);
    await expect(page).toHaveURL(/sign-in\?then=/);
    const signInUrl = page.url();
    expect(await postSignIn(page, installation, await newUser('settings_administrator'))).toBe('signed_in');
    await page.goto(signInUrl);
    await expect(page).toHaveURL(`${AUDIT_LOG_PATH}?action=sign_out`);
  });

  test('connects services in embedded mode as a role that does not own the audit log', async ({
    installation,
    newSession,
    database,
  }) => {
    const { cookies } = await newSession('settings_administrator');
    // A request makes web connect to the database.
    expect(await collectDistinctResponses(installation, cookies, AUDIT_LOG_PATH)).toEqual(['200']);
    const { rows } = await database.execute(
      sql`select distinct usename, application_name from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and application_name like 'stagedoor%'
        and usename <> current_user`,
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(new Set(rows.map(({ usename }) => usename))).toEqual(new Set(['stagedoor_app']));
  });
});
