import { readFile } from 'node:fs/promises';
import { sql } from 'drizzle-orm';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAct } from '#lib/audit/record.ts';
import { createAccount, enterCode, openEditor, receive, signIn } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';
import { violations } from './fixtures/violations.ts';

const LOG = '/settings/audit-log';

for (const [colorScheme, width] of [
  ['light', 1440],
  ['dark', 1440],
  ['light', 360],
  ['dark', 360],
] as const) {
  test.describe(`${colorScheme}, ${width} px wide`, () => {
    test.use({ contextOptions: { colorScheme, viewport: { width, height: 800 }, reducedMotion: 'reduce' } });

    test('the log in plain sentences, with filters, details and an empty search', async ({
      administrator: page,
      outbox,
    }, testInfo) => {
      const look = async (name: string) => {
        const body = await page.screenshot({ fullPage: true, caret: 'initial' });
        await testInfo.attach(name, { body, contentType: 'image/png' });
        expect(await violations(page), name).toEqual([]);
        const [needed = 0, given = 0] = await page.evaluate(() => {
          const { scrollWidth, clientWidth } = document.documentElement;
          return [scrollWidth, clientWidth];
        });
        expect(needed, `${name} is wider than the window`).toBeLessThanOrEqual(given);
      };
      const details = await createAccount(page);
      const editor = await openEditor(page, details);
      await editor.getByLabel('Email address').fill(`new-${details.email}`);
      await editor.getByRole('button', { name: 'Save' }).click();
      await expect(editor).toBeHidden();
      await receive(outbox, details);
      await page.goto(LOG);
      await expect(page.getByRole('heading', { level: 1, name: 'Audit log' })).toBeVisible();
      await look('log');
      await page.getByText('Filters', { exact: true }).click();
      await page.getByLabel('API account').fill(details.username);
      await page.getByRole('combobox', { name: 'What' }).selectOption('api_account.edited');
      const apply = page.getByRole('button', { name: 'Show what matches' });
      await apply.focus();
      await page.keyboard.press('Enter');
      await expect(page).toHaveURL(/act=api_account\.edited/);
      const filters = page.getByText('Filters (2 set)');
      if (width < 640) {
        await expect(apply).toBeHidden();
        await expect(filters).toBeFocused();
        await expect(page.getByRole('region', { name: 'Audit log' })).toBeInViewport();
      } else await expect(apply).toBeFocused();
      const entries = page.getByRole('region', { name: 'Audit log' }).getByRole('listitem');
      await expect(entries).toHaveCount(1);
      await expect(entries).toContainText(`First administrator edited the API account ${details.username}`);
      await entries.getByText('Details').focus();
      await page.keyboard.press('Enter');
      const row = entries.getByRole('row', { name: /Email address/ });
      await expect(row.getByRole('cell')).toHaveText([details.email, `new-${details.email}`]);
      await look('entry');
      await page.goto(`${LOG}?search=no+such+thing`);
      await expect(page.getByRole('heading', { name: 'No entry matches' })).toBeVisible();
      await look('nothing');
      const again = await openEditor(page, { ...details, email: `new-${details.email}` });
      await again.getByRole('tab', { name: 'History' }).click();
      await expect(again.getByText('edited the API account')).toBeVisible();
      await look('history');
    });
  });
}

test('says from where, and what was refused or failed', async ({
  administrator: page,
  openPage,
  outbox,
  newUser,
}) => {
  const details = await createAccount(page);
  const { link } = await receive(outbox, details);
  const integrator = await openPage();
  await integrator.goto(link);
  await enterCode(integrator, '000000');
  await expect(integrator.getByLabel('Authentication code')).toHaveAttribute('aria-invalid', 'true');
  await page.goto(`${LOG}?account=${encodeURIComponent(details.username)}&act=reveal.wrong_code`);
  const entry = page.getByRole('region', { name: 'Audit log' }).getByRole('listitem');
  await expect(entry).toContainText(`A wrong code was entered for ${details.username}`);
  await expect(entry).toContainText('Wrong code');
  await expect(entry).toContainText(/From 10\.\d+\.\d+\.\d+/);
  const person = await newUser(null);
  const stranger = await openPage();
  await stranger.goto('/sign-in');
  await stranger.getByLabel('Email address').fill(person.email);
  await stranger.getByLabel('Password', { exact: true }).fill('not the password');
  await Promise.all([
    stranger.waitForResponse((response) => response.url().includes('/callback/credentials')),
    stranger.getByRole('button', { name: 'Sign in' }).click(),
  ]);
  await page.goto(`${LOG}?search=${encodeURIComponent(person.email)}`);
  await expect(entry.first()).toContainText('Somebody tried to sign in as Grace Hopper, and was not let in');
  await expect(entry.first()).toContainText('Refused');
});

test('pages go back and forth, the newest first, and Back brings the filters back', async ({
  administrator: page,
  database,
}) => {
  await withTransaction(database, async (transaction) => {
    for (let index = 0; index < 60; index += 1) recordAct(transaction, 'sign_out', { userId: null });
  });
  await page.goto(LOG);
  const list = page.getByRole('region', { name: 'Audit log' });
  await page.getByRole('link', { name: 'Older' }).click();
  await expect(page).toHaveURL(/after=/);
  await page.getByRole('link', { name: 'Newer' }).click();
  await expect(list.getByRole('listitem')).toHaveCount(50);
  await page.goto(LOG);
  await page.getByLabel('Search the audit log').fill('nobody at all');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'No entry matches' })).toBeVisible();
  await page.goBack();
  await expect(page.getByLabel('Search the audit log')).toHaveValue('');
  await page.goForward();
  await expect(page.getByLabel('Search the audit log')).toHaveValue('nobody at all');
});

test('exports what is shown as a file, with its name and type', async ({ administrator: page }) => {
  const details = await createAccount(page);
  await page.goto(`${LOG}?account=${encodeURIComponent(details.username)}&act=api_account.created`);
  const [csv] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Export as CSV' }).click(),
  ]);
  expect(csv.suggestedFilename()).toMatch(/^stagedoor-audit-log-\d{4}-\d\d-\d\d\.csv$/);
  const lines = (await readFile(await csv.path(), 'utf8')).trimEnd().split('\r\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain(`"${details.username}"`);
  const [jsonl] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Export as JSON Lines' }).click(),
  ]);
  const [line = ''] = (await readFile(await jsonl.path(), 'utf8')).split('\n');
  expect(JSON.parse(line)).toMatchObject({ act: 'api_account.created', details: { email: details.email } });
  await page.goto(`${LOG}?act=audit.exported`);
  await expect(page.getByRole('region', { name: 'Audit log' }).getByRole('listitem').first()).toContainText(
    'First administrator exported the audit log',
  );
});

test('a viewer is told which role it takes, and has no link to it', async ({ viewer }) => {
  await viewer.goto(LOG);
  await expect(viewer.getByText('You do not have access to this page')).toBeVisible();
  await expect(viewer.getByRole('region', { name: 'Audit log' })).toHaveCount(0);
  await expect(viewer.getByRole('navigation', { name: 'Settings' }).getByText('Audit log')).toHaveCount(0);
  expect(await violations(viewer)).toEqual([]);
});

test('whoever has to sign in first comes back to the filters', async ({ openPage, newUser }) => {
  const page = await openPage();
  await page.goto(`${LOG}?act=sign_out`);
  await expect(page).toHaveURL(/sign-in\?then=/);
  await signIn(page, await newUser('settings_administrator'));
});

test('the programs of the embedded mode cannot change the log', async ({ administrator: page, database }) => {
  await page.goto(LOG);
  const { rows } = await database.execute(
    sql`select distinct usename, application_name from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and application_name like 'stagedoor%'
        and usename <> current_user`,
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(new Set(rows.map(({ usename }) => usename))).toEqual(new Set(['stagedoor_app']));
});
