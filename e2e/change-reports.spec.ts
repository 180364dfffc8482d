import { sql } from 'drizzle-orm';
import { FIRST_ADMINISTRATOR } from './fixtures/global-setup.ts';
import { findLink } from './fixtures/outbox.ts';
import { createDetails, findAccount, openEditor, receiveNoticeLink } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

const REPORT_BUTTON = { name: 'This was not us' };
const RESOLVE_BUTTON = { name: 'Mark as resolved' };
const FORMER_PATH_WITH_HASH = '/not-us#';

test.describe('report of an unauthorised change', () => {
  test('notifies the previous email address of a change and the administrators of the report, until one resolves it', {
    tag: '@soak',
  }, async ({ administrator, openPage, apiAccount, outbox, verify }) => {
    const before = await apiAccount({ status: 'active' });
    const { key } = before;
    const box = await openEditor(administrator, before);
    await box.getByLabel('Email address').fill(`new-${before.email}`);
    await expect(box).toContainText(`tell ${before.email} about the change`);
    await box.getByRole('button', { name: 'Save' }).click();
    await expect(
      administrator.getByText(`The notice of the change for ${before.email} is in the outbox.`),
    ).toBeVisible();
    const details = { ...before, email: `new-${before.email}` };

    const notice = await outbox.waitForEmail(before.email, '/report-change#');
    expect(notice.text + notice.html).not.toContain(details.email);
    expect(notice.text).toContain('Northwind Traders');
    expect(notice.text).toContain(details.username);
    expect(outbox.listUnread(details.email)).toEqual([]);

    const page = await openPage();
    await page.goto(findLink(notice));
    await expect(page.getByText(details.username)).toBeVisible();
    await expect(page.getByText(details.email)).toHaveCount(0);
    await expect(await findAccount(administrator, details.username)).not.toContainText('unauthorised');
    await page.getByRole('button', REPORT_BUTTON).click();
    await expect(page.getByText('We’ve told the administrators at Northwind Traders')).toBeVisible();
    expect((await verify(key)).status, 'the report does not revoke the key').toBe(200);

    const reportEmail = await outbox.waitForEmail(FIRST_ADMINISTRATOR.email, details.username);
    expect(reportEmail.text).toContain(`from ${before.email} to ${details.email}.`);
    await expect(await findAccount(administrator, details.username)).toContainText(
      'reported as unauthorised',
    );
    await administrator.goto(/https?:\/\/\S+api-accounts\S+/.exec(reportEmail.text)?.[0] ?? '');
    const editor = administrator.getByRole('main');
    await expect(editor).toContainText('reported as unauthorised');
    await expect(editor).toContainText(`from ${before.email} to ${details.email}`);
    await editor.getByRole('button', RESOLVE_BUTTON).click();
    await expect(editor).toContainText('Marked as resolved');
    await expect(await findAccount(administrator, details.username)).not.toContainText('unauthorised');
    await expect(await openEditor(administrator, details)).not.toContainText('unauthorised');
  });

  test('notifies the email address of a change of the phone number', async ({
    openPage,
    changedApiAccount,
    outbox,
  }) => {
    const { before } = await changedApiAccount({ phone: createDetails().phone });
    const page = await openPage();
    await page.goto(await receiveNoticeLink(outbox, before));
    await expect(page.getByText('Phone number', { exact: true })).toBeVisible();
    await expect(page.getByRole('button', REPORT_BUTTON)).toBeEnabled();
  });

  test('redirects a link with the former path of notices', async ({ openPage, changedApiAccount }) => {
    const { link } = await changedApiAccount();
    const page = await openPage();
    await page.goto(link.replace('/report-change#', FORMER_PATH_WITH_HASH));
    await expect(page).toHaveURL(link);
    await expect(page.getByRole('button', REPORT_BUTTON)).toBeEnabled();
  });

  test('changes nothing when the link is opened, and records the report once', { tag: '@soak' }, async ({
    openPage,
    changedApiAccount,
    database,
  }) => {
    const { before, details, link } = await changedApiAccount();
    const readReportState = async () => {
      const { rows } = await database.execute<{ is_reported: boolean }>(
        sql`select reported_at is not null as is_reported from contact_changes where old_email = ${before.email}`,
      );
      return rows;
    };
    const page = await openPage();
    for (const method of ['GET', 'HEAD', 'OPTIONS']) await fetch(link, { method });
    await page.goto(link);
    await expect(page.getByRole('button', REPORT_BUTTON)).toBeEnabled();
    await page.reload();
    const other = await openPage();
    await other.goto(link);
    await expect(other.getByRole('button', REPORT_BUTTON)).toBeEnabled();
    expect(await readReportState()).toEqual([{ is_reported: false }]);
    await page.getByRole('button', REPORT_BUTTON).click();
    await other.getByRole('button', REPORT_BUTTON).click();
    for (const reported of [page, other])
      await expect(reported.getByText(/We’ve told the administrators/)).toBeVisible();
    await page.reload();
    await expect(page.getByRole('heading', { name: 'Already reported' })).toBeVisible();
    expect(await readReportState()).toEqual([{ is_reported: true }]);
    const { rows } = await database.execute(
      sql`select 1 from audit_events e join api_accounts a on a.id = e.account_id
        where a.username = ${details.username} and e.action = 'address_change.objected'`,
    );
    expect(rows).toHaveLength(1);
  });

  test('shows a second administrator that the report is already resolved, and a viewer only that there is one', {
    tag: '@soak',
  }, async ({ administrator, administratorCookies, viewer, openPage, changedApiAccount }) => {
    const { details, link } = await changedApiAccount();
    const page = await openPage();
    await page.goto(link);
    await page.getByRole('button', REPORT_BUTTON).click();
    await expect(page.getByText(/We’ve told the administrators/)).toBeVisible();
    const row = await findAccount(viewer, details.username);
    await expect(row).toContainText('reported as unauthorised');
    await expect(row).not.toContainText('Open the account');
    const other = await openPage(administratorCookies);
    const [first, second] = [await openEditor(administrator, details), await openEditor(other, details)];
    await first.getByRole('button', RESOLVE_BUTTON).click();
    await expect(first).toContainText('Marked as resolved');
    await second.getByRole('button', RESOLVE_BUTTON).click();
    await expect(second).toContainText('This has already been marked as resolved.');
  });
});
