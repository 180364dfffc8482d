import { sql } from 'drizzle-orm';
import { FIRST_ADMINISTRATOR } from './fixtures/global-setup.ts';
import { findAccount, noticeLink, openEditor, someDetails } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

const PRESS = { name: 'This was not us' };
const LOOKED_INTO = { name: 'I have looked into it' };

test('from a changed address to an administrator who has looked into it', async ({
  administrator,
  openPage,
  apiAccount,
  outbox,
  verify,
}) => {
  const before = await apiAccount({ status: 'active' });
  const { key } = before;
  const box = await openEditor(administrator, before);
  await box.getByLabel('Email address').fill(`new-${before.email}`);
  await expect(box).toContainText(`${before.email} is told of the change`);
  await box.getByRole('button', { name: 'Save' }).click();
  await expect(administrator.getByText(`We tell ${before.email} that the address changed.`)).toBeVisible();
  const details = { ...before, email: `new-${before.email}` };

  const notice = await outbox.nextEmailTo(before.email, '/not-us#');
  expect(notice.text + notice.html).not.toContain(details.email);
  expect(notice.text).toContain('Northwind Traders');
  expect(notice.text).toContain(details.username);
  expect(outbox.waitingFor(details.email)).toEqual([]);

  const page = await openPage();
  const link = /https?:\/\/\S+\/not-us#\S+/.exec(notice.text)?.[0] ?? '';
  await page.goto(link);
  await expect(page.getByText(details.username)).toBeVisible();
  await expect(page.getByText(details.email)).toHaveCount(0);
  await expect(await findAccount(administrator, details.username)).not.toContainText('not us');
  await page.getByRole('button', PRESS).click();
  await expect(page.getByText('The administrators of Northwind Traders have been told')).toBeVisible();
  expect((await verify(key)).status, 'nothing else happens by itself').toBe(200);

  const objection = await outbox.nextEmailTo(FIRST_ADMINISTRATOR.email, details.username);
  expect(objection.text).toContain(`from ${before.email} to ${details.email}.`);
  await expect(await findAccount(administrator, details.username)).toContainText('“this was not us”');
  await administrator.goto(/https?:\/\/\S+api-accounts\S+/.exec(objection.text)?.[0] ?? '');
  const editor = administrator.getByRole('dialog', { name: 'Edit API Account' });
  await expect(editor).toContainText('says: this was not us');
  await expect(editor).toContainText(`from ${before.email} to ${details.email}`);
  await editor.getByRole('button', LOOKED_INTO).click();
  await expect(editor).toContainText('Noted: you have looked into it');
  await expect(await findAccount(administrator, details.username)).not.toContainText('not us');
  await expect(await openEditor(administrator, details)).not.toContainText('not us');
});

test('a changed phone number is told to the email address as well', async ({
  openPage,
  changedApiAccount,
  outbox,
}) => {
  const { before } = await changedApiAccount({ phone: someDetails().phone });
  const page = await openPage();
  await page.goto(await noticeLink(outbox, before));
  await expect(page.getByText('Phone number', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', PRESS)).toBeEnabled();
});

test('opening the link does nothing, and a second press finds it told', async ({
  openPage,
  changedApiAccount,
  database,
}) => {
  const { before, details, link } = await changedApiAccount();
  const objected = async () => {
    const { rows } = await database.execute<{ objected: boolean }>(
      sql`select objected_at is not null as objected from address_changes where old_email = ${before.email}`,
    );
    return rows;
  };
  const page = await openPage();
  for (const method of ['GET', 'HEAD', 'OPTIONS']) await fetch(link, { method });
  await page.goto(link);
  await expect(page.getByRole('button', PRESS)).toBeEnabled();
  await page.reload();
  const other = await openPage();
  await other.goto(link);
  await expect(other.getByRole('button', PRESS)).toBeEnabled();
  expect(await objected()).toEqual([{ objected: false }]);
  await page.getByRole('button', PRESS).click();
  await other.getByRole('button', PRESS).click();
  for (const each of [page, other]) await expect(each.getByText(/have been told/)).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'They have been told already' })).toBeVisible();
  expect(await objected()).toEqual([{ objected: true }]);
  const { rows } = await database.execute(
    sql`select 1 from audit_events e join api_accounts a on a.id = e.account_id
        where a.username = ${details.username} and e.act = 'address_change.objected'`,
  );
  expect(rows).toHaveLength(1);
});

test('the second of two administrators is told that it was settled; a viewer sees the mark alone', async ({
  administrator,
  administratorCookies,
  viewer,
  openPage,
  changedApiAccount,
}) => {
  const { details, link } = await changedApiAccount();
  const page = await openPage();
  await page.goto(link);
  await page.getByRole('button', PRESS).click();
  await expect(page.getByText(/have been told/)).toBeVisible();
  const row = await findAccount(viewer, details.username);
  await expect(row).toContainText('“this was not us”');
  await expect(row).not.toContainText('Open the account');
  const other = await openPage(administratorCookies);
  const [first, second] = [await openEditor(administrator, details), await openEditor(other, details)];
  await first.getByRole('button', LOOKED_INTO).click();
  await expect(first).toContainText('Noted');
  await second.getByRole('button', LOOKED_INTO).click();
  await expect(second).toContainText('Another administrator has looked into this already.');
});
