import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { ACCOUNTS_PATH, getDialog } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

/** Inserts accounts without key deliveries, more than a page shows. @returns their common prefix */
async function insertAccounts(database: Database, count: number): Promise<string> {
  const prefix = `Bulk ${randomUUID()}`;
  await database.execute(sql`
    insert into api_accounts (id, username, username_folded, email, phone)
      select gen_random_uuid(), ${prefix} || ' ' || lpad(n::text, 3, '0'), lower(${prefix}) || ' ' || lpad(n::text, 3, '0'),
          'it@example.com', '+447894123456' from generate_series(1, ${count}::int) n`);
  return prefix;
}

async function openList(page: Page, prefix: string) {
  await page.goto(`${ACCOUNTS_PATH}?search=${encodeURIComponent(prefix)}`);
  await expect(page.getByRole('button', { name: 'Search', exact: true })).toBeEnabled();
}

const getStatus = (page: Page, text: string) => page.getByRole('status').filter({ hasText: text });

/** Opens the dialog for the selected accounts, and chooses what to do with them. */
async function choose(page: Page, operation: string) {
  await page.getByRole('button', { name: 'Change selected…' }).click();
  const dialog = getDialog(page, 'Change selected accounts');
  await dialog.getByLabel(operation, { exact: true }).check();
  return dialog;
}

test.describe('changes of many accounts', () => {
  test('deactivates accounts that are selected on two pages, and shows the result of each', async ({
    administrator: page,
    database,
  }) => {
    const prefix = await insertAccounts(database, 52);
    await openList(page, prefix);
    await page.getByLabel(`Select ${prefix} 001`).check();
    await page.getByRole('link', { name: 'Next' }).click();
    await expect(page.getByLabel(`Select ${prefix} 052`)).toBeVisible();
    await page.getByLabel('Select all on this page').check();
    await expect(getStatus(page, '3 selected')).toBeVisible();
    const dialog = await choose(page, 'Deactivate');
    await expect(dialog).toContainText('This is done to 3 accounts');
    await dialog.getByRole('button', { name: 'Deactivate 3 accounts' }).click();
    await expect(page.getByRole('heading', { name: 'Deactivate: 3 accounts' })).toBeVisible();
    await expect(getStatus(page, 'Finished')).toBeVisible();
    await expect(page.getByText('3 of 3 handled: 3 done, 0 failed')).toBeVisible();
    await expect(page.getByRole('row').filter({ hasText: `${prefix} 052` })).toContainText('Done');
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export results' }).click();
    const text = await readFile(await (await download).path(), 'utf8');
    expect(text.match(/"done"/g)).toHaveLength(3);
    const { rows } = await database.execute(
      sql`select username from api_accounts where username like ${`${prefix}%`} and not active order by username`,
    );
    expect(rows.map(({ username }) => String(username).slice(-3))).toEqual(['001', '051', '052']);
    await openList(page, prefix);
    await expect(page.getByRole('button', { name: 'Change selected…' })).toHaveCount(0);
  });

  test('selects all that match, asks again if their number has changed, and sets a limit', {
    tag: '@soak',
  }, async ({ administrator: page, database }) => {
    const prefix = await insertAccounts(database, 51);
    await openList(page, prefix);
    await page.getByLabel('Select all on this page').check();
    await page.getByRole('button', { name: 'Select all that match (51)' }).click();
    await expect(getStatus(page, 'All that match selected (51)')).toBeVisible();
    const dialog = await choose(page, 'Set the limit');
    const submit = dialog.getByRole('button', { name: 'Set the limit of 51 accounts' });
    await dialog.getByLabel('Requests per minute').fill('many');
    await submit.click();
    await expect(dialog.getByRole('alert')).toContainText('Enter a whole number');
    await dialog.getByLabel('Requests per minute').fill('60');
    await database.execute(sql`delete from api_accounts where username = ${`${prefix} 051`}`);
    await submit.click();
    await expect(dialog.getByRole('alert')).toContainText('50 accounts match now');
    await dialog.getByRole('button', { name: 'Set the limit of 50 accounts' }).click();
    await expect(getStatus(page, 'Finished')).toBeVisible();
    const { rows } = await database.execute(
      sql`select from api_accounts where username like ${`${prefix}%`} and requests_per_minute = 60`,
    );
    expect(rows).toHaveLength(50);
  });

  test('exports the selected accounts', async ({ administrator: page, database }) => {
    const prefix = await insertAccounts(database, 3);
    await openList(page, prefix);
    for (const number of ['001', '003']) await page.getByLabel(`Select ${prefix} ${number}`).check();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export selected as JSON Lines' }).click();
    const lines = (await readFile(await (await download).path(), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).username)).toEqual([`${prefix} 001`, `${prefix} 003`]);
  });

  test('cancels a job, by keyboard', { tag: '@soak' }, async ({ administrator: page, database }) => {
    const prefix = await insertAccounts(database, 2);
    await openList(page, prefix);
    // A job that the worker does not find, because no job of the queue is for it.
    const id = randomUUID();
    await database.execute(sql`
      insert into bulk_jobs (id, operation, state, created_by, ip_address, has_recent_auth, total)
        select ${id}::uuid, 'deactivate', 'running', gen_random_uuid(), '192.0.2.7', false, 1`);
    await database.execute(sql`
      insert into bulk_job_items (job_id, position, state, account_id)
        select ${id}::uuid, 1, 'pending', id from api_accounts where username = ${`${prefix} 001`}`);
    await page.goto(`/settings/jobs/${id}`);
    const button = page.getByRole('button', { name: 'Cancel job…' });
    await expect(button).toBeEnabled();
    await button.focus();
    await page.keyboard.press('Enter');
    const dialog = getDialog(page, 'Cancel job');
    await expect(dialog.getByRole('button', { name: 'Keep it running' })).toBeEnabled();
    await dialog.getByRole('button', { name: 'Cancel job' }).focus();
    await page.keyboard.press('Enter');
    await expect(getStatus(page, 'Cancelled')).toBeVisible();
    await expect(page.getByRole('row').filter({ hasText: `${prefix} 001` })).toContainText('Not done');
    await page.goto('/settings/jobs');
    await expect(page.getByRole('row').filter({ hasText: 'Cancelled' }).first()).toBeVisible();
  });
});

test.describe('import', () => {
  /** Uploads a file, and waits until its rows are checked. */
  async function upload(page: Page, text: string) {
    await page.goto('/settings/jobs/import');
    await page
      .getByLabel('CSV file')
      .setInputFiles({ name: 'accounts.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await page.getByRole('button', { name: 'Upload and check' }).click();
    await expect(getStatus(page, 'Ready to start')).toBeVisible();
  }

  test('shows errors by row and column, creates the valid accounts, and exports the other rows', {
    tag: '@soak',
  }, async ({ administrator: page, database }) => {
    const prefix = `Import ${randomUUID()}`;
    // More than one part.
    const notes = 'x'.repeat(1_500);
    const rows = Array.from(
      { length: 10 },
      (_, index) => `${prefix} ${index},it@example.com,+447894123456,${notes}`,
    );
    await upload(
      page,
      ['username,email,phone,notes', ...rows, `${prefix} bad,it@,+447894123456,`].join('\n'),
    );
    await page.getByRole('link', { name: /^Problems/ }).click();
    const bad = page.getByRole('row').filter({ hasText: `Row 12: ${prefix} bad` });
    await expect(bad).toContainText('email: Enter a full email address');
    await page.getByLabel('Create all accounts, or none').check();
    await page.getByRole('button', { name: 'Create 10 API Accounts' }).click();
    await expect(page.getByText('Nothing was created: 1 row has errors')).toBeVisible();
    await page.getByLabel('Create the valid ones').check();
    await page.getByRole('button', { name: 'Create 10 API Accounts' }).click();
    await expect(getStatus(page, 'Finished')).toBeVisible();
    const created = await database.execute(sql`select from api_accounts where username like ${`${prefix}%`}`);
    expect(created.rows).toHaveLength(10);
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export problems' }).click();
    const text = await readFile(await (await download).path(), 'utf8');
    expect(text.trimEnd().split('\r\n')).toEqual([
      '\ufeff"username","email","phone","notes","error"',
      `"${prefix} bad","it@","'+447894123456","","email: Enter a full email address, such as name@example.com."`,
    ]);
  });

  test('says why a file cannot be read', { tag: '@soak' }, async ({ administrator: page }) => {
    await page.goto('/settings/jobs/import');
    await page.getByLabel('CSV file').setInputFiles({
      name: 'a.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('name,email\nA,it@example.com\n'),
    });
    await page.getByRole('button', { name: 'Upload and check' }).click();
    await expect(page.getByText('The file couldn’t be read')).toBeVisible();
    await expect(page.getByText('These are missing: “username”, “phone”.')).toBeVisible();
  });
});
