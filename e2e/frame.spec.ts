import { sql } from 'drizzle-orm';
import { findViolations } from './fixtures/accessibility.ts';
import { findAction } from './fixtures/call-action.ts';
import { callerTest, callFromPage } from './fixtures/callers.ts';
import { YOUR_ACCOUNT_PATH } from './fixtures/mfa.ts';
import { ACCOUNTS_PATH, getDialog, openEditor } from './fixtures/pages.ts';
import { send } from './fixtures/requests.ts';
import { expect, test } from './fixtures/test.ts';

const AUDIT_LOG_PATH = '/settings/audit-log';

test.describe('theme', () => {
  test('is in the first HTML of every page, and ignores an unknown value', async ({ installation }) => {
    const readHtmlElement = async (theme: string) => {
      const headers = { cookie: `stagedoor.theme=${theme}` };
      const { text } = await send(installation.webUrl, { path: '/sign-in', headers });
      return text.match(/<html[^>]*>/)?.[0];
    };
    expect(await readHtmlElement('dark')).toContain('data-theme="dark"');
    expect(await readHtmlElement('light')).toContain('data-theme="light"');
    for (const theme of ['system', 'sepia', '%22%3E%3Cscript%3E'])
      expect(await readHtmlElement(theme)).toBe('<html lang="en-GB">');
  });

  test('is chosen in the navigation, and kept', { tag: '@soak' }, async ({ viewer: page }) => {
    const readScheme = () =>
      page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('color-scheme'));
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto(YOUR_ACCOUNT_PATH);
    await page.getByRole('radio', { name: 'Dark' }).check();
    expect(await readScheme()).toBe('dark');
    await expect
      .poll(async () => (await page.context().cookies()).find(({ name }) => name === 'stagedoor.theme'))
      .toMatchObject({ value: 'dark', httpOnly: true });
    await page.reload();
    await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked();
    expect(await readScheme()).toBe('dark');
    await page.getByRole('radio', { name: 'System' }).check();
    expect(await readScheme()).toBe('light dark');
  });

  for (const colorScheme of ['light', 'dark'] as const)
    test(`meets AAA contrast if the system asks for more: ${colorScheme}`, { tag: '@soak' }, async ({
      administrator: page,
      apiAccount,
    }) => {
      const details = await apiAccount();
      await page.emulateMedia({ contrast: 'more', colorScheme });
      for (const path of [ACCOUNTS_PATH, AUDIT_LOG_PATH, YOUR_ACCOUNT_PATH]) {
        await page.goto(path);
        expect(await findViolations(page, ['color-contrast-enhanced']), path).toEqual([]);
      }
      const editor = await openEditor(page, details);
      await expect(editor.getByLabel('Requests per minute')).toBeVisible();
      expect(await findViolations(page, ['color-contrast-enhanced'])).toEqual([]);
    });
});

test.describe('command palette', () => {
  callerTest(
    'finds accounts and users only for viewers and administrators',
    async ({ installation, refusedCallers, apiAccount }) => {
      const { email } = await apiAccount();
      const action = await findAction('searchSettings');
      const search = (kind: keyof typeof refusedCallers) =>
        callFromPage(installation, {
          action,
          args: [{ search: email }],
          cookies: refusedCallers[kind]?.cookies,
        });
      expect(await search('viewer')).toContain(email);
      for (const [kind, reason] of [
        ['anonymous', 'signed_out'],
        ['ended session', 'signed_out'],
        ['no role', 'wrong_role'],
      ] as const) {
        const response = await search(kind);
        expect(response, kind).toContain(reason);
        expect(response, kind).not.toContain(email);
      }
    },
  );

  test('opens an account and a user with the keyboard alone, and loses no unsaved changes', {
    tag: '@soak',
  }, async ({ administrator: page, apiAccount, newUser }) => {
    const [account, other] = [await apiAccount(), await apiAccount()];
    const user = await newUser('settings_viewer');
    await page.goto(YOUR_ACCOUNT_PATH);
    await expect(page.getByRole('button', { name: 'Jump to…' })).toBeEnabled();
    const palette = getDialog(page, 'Jump to');
    await page.keyboard.press('Control+k');
    await expect(palette.getByRole('option', { name: 'Audit log' })).toBeVisible();
    await page.keyboard.type(account.username);
    await expect(palette.getByRole('option', { name: account.username })).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: account.username })).toBeVisible();
    await page.keyboard.press('Control+k');
    await page.keyboard.type(other.username);
    await expect(palette.getByRole('option', { name: other.username })).toBeVisible();
    await page.keyboard.press('Enter');
    // The other account stands alone too, and not in a sheet over the first one.
    await expect(page.getByLabel('Username')).toHaveValue(other.username);
    await expect(page.getByRole('button', { name: 'Save' })).toBeEnabled();
    await page.getByLabel('Display name').fill('Contoso Group');

    await page.keyboard.press('Control+k');
    await page.keyboard.type(user.email);
    await expect(palette.getByRole('option', { name: user.email })).toBeVisible();
    await page.keyboard.press('Enter');
    await getDialog(page, 'Discard your changes?')
      .getByRole('button', { name: 'Discard changes' })
      .press('Enter');
    await expect(page.locator('tr[aria-current=true]')).toContainText(user.email);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('no such thing');
    await expect(palette.getByText('Nothing found.')).toBeVisible();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('invite');
    await page.keyboard.press('Enter');
    // The dialog belongs to this page, and another choice opens it again.
    const invitation = getDialog(page, 'Invite a user');
    await expect(invitation).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(invitation).toHaveCount(0);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('new api');
    await page.keyboard.press('Enter');
    await expect(getDialog(page, 'New API Account').getByLabel('Username')).toBeFocused();
    expect(page.url()).not.toContain('dialog');
  });
});

test('shows a skeleton in place of a page that loads slowly, and moves nothing', { tag: '@soak' }, async ({
  administrator: page,
  database,
}) => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: locked, resolve: confirmLock } = Promise.withResolvers<void>();
  // Only this page and the deletion and creation of accounts wait for this table.
  const transaction = database.transaction(async (tx) => {
    await tx.execute(sql`lock table deleted_api_accounts in access exclusive mode`);
    confirmLock();
    await released;
  });
  await locked;
  await page.goto('/settings/users/deleted-api-accounts', { waitUntil: 'commit' });
  const heading = page.getByRole('heading', { name: 'Deleted API Accounts' });
  await expect(page.getByRole('status').filter({ hasText: 'Loading…' })).toHaveCount(1);
  await expect(page.locator('[aria-busy=true]')).toBeVisible();
  const headingBox = await heading.boundingBox();
  const { y: skeletonTop } = (await page.locator('[aria-busy=true]').boundingBox()) ?? {};
  release();
  await transaction;
  const content = page.getByText('No accounts were deleted.').or(page.getByRole('table'));
  await expect(content).toBeVisible();
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
  expect(await heading.boundingBox()).toEqual(headingBox);
  const { y: contentTop = 0 } =
    (await page.locator('main section, main p.text-muted').last().boundingBox()) ?? {};
  expect(Math.abs(contentTop - (skeletonTop ?? 0))).toBeLessThan(1);
});

test('collapses the navigation on a narrow screen', { tag: '@soak' }, async ({ viewer: page }) => {
  await page.setViewportSize({ width: 320, height: 568 });
  await page.goto(ACCOUNTS_PATH);
  const menu = page.getByRole('button', { name: 'Menu' });
  const link = page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Your account' });
  await expect(menu).toHaveAttribute('aria-expanded', 'false');
  await expect(link).toBeHidden();
  await menu.click();
  await expect(link).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(link).toBeHidden();
  await expect(menu).toBeFocused();
  await page.keyboard.press('Enter');
  await link.click();
  await expect(page.getByRole('heading', { name: 'Your account' })).toBeVisible();
  await expect(menu).toHaveAttribute('aria-expanded', 'false');
  // The link of the current page.
  await menu.click();
  await link.click();
  await expect(menu).toHaveAttribute('aria-expanded', 'false');
});

test('lets users change their own name, and shows times in UTC on focus', { tag: '@soak' }, async ({
  viewer: page,
}) => {
  await page.goto(YOUR_ACCOUNT_PATH);
  const form = page.getByRole('form', { name: 'Your name' });
  await form.getByLabel('Name').fill(' ');
  await form.getByLabel('Name').blur();
  await expect(form.getByText('Enter your name.')).toBeVisible();
  await form.getByLabel('Name').fill('Zoë Ødegård');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('banner').getByText('Zoë Ødegård')).toBeVisible();
  await expect(form.getByText('Enter your name.')).toHaveCount(0);

  // The browser shows the tooltip only for a focus by keyboard.
  await page.getByRole('button', { name: 'Set up an app' }).focus();
  await page.keyboard.press('Tab');
  await expect(page.getByText(/^\d+ \w+ \d{4}, \d\d:\d\d:\d\d UTC$/)).toBeVisible();
});
