import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { insertManyAccounts } from './fixtures/accounts.ts';
import { backdateKeyDelivery } from './fixtures/key-delivery.ts';
import { ACCOUNTS_PATH, findAccount, getDialog } from './fixtures/pages.ts';
import { sendAs } from './fixtures/requests.ts';
import { type Cookies, expect, test } from './fixtures/test.ts';
import { setChecklistShown } from './fixtures/users.ts';

test.describe('API accounts list', () => {
  test('finds an account by email address, shows that none matches, and keeps the search in the URL', {
    tag: '@soak',
  }, async ({ administrator: page, apiAccount }) => {
    const { username, email } = await apiAccount();
    await page.goto(ACCOUNTS_PATH);
    const search = page.getByRole('searchbox');
    // Until React has hydrated the page, keys do nothing.
    await expect(page.getByRole('button', { name: 'Search', exact: true })).toBeEnabled();
    await page.keyboard.press('/');
    await expect(search).toBeFocused();
    await search.fill(email);
    await search.press('Enter');
    await page.waitForURL((url) => url.searchParams.get('search') === email);
    await expect(page.getByRole('cell', { name: username, exact: true })).toBeVisible();
    await search.fill('no account is called this');
    await search.press('Enter');
    await page.waitForURL((url) => url.searchParams.get('search') === 'no account is called this');
    await expect(page.getByRole('cell', { name: username, exact: true })).toHaveCount(0);
    await expect(page.getByRole('main')).toContainText('no account is called this');
    await page.goBack();
    await expect(page.getByRole('cell', { name: username, exact: true })).toBeVisible();
    await expect(search).toHaveValue(email);
    await expect(page.getByRole('status').filter({ hasText: '1–1 of 1' })).toBeVisible();
    const tabs = page.getByRole('navigation', { name: 'Filter by status' });
    await tabs.getByRole('link', { name: 'Inactive 0' }).click();
    await expect(page.getByRole('heading', { name: 'No accounts here match' })).toBeVisible();
    await tabs.getByRole('link', { name: 'All 1' }).click();
    await page.getByRole('columnheader', { name: 'Last used' }).getByRole('link').click();
    await page.waitForURL(/sort=last_used&order=desc/);
    await expect(page.getByRole('columnheader', { name: 'Last used' })).toHaveAttribute(
      'aria-sort',
      'descending',
    );
    await expect(page.getByRole('cell', { name: username, exact: true })).toBeVisible();
  });

  test('searches while the administrator types, and Back leads to the list as it was', async ({
    administrator: page,
    apiAccount,
  }) => {
    const { username } = await apiAccount();
    await page.goto(ACCOUNTS_PATH);
    const search = page.getByRole('searchbox');
    const cell = page.getByRole('cell', { name: username, exact: true });
    await expect(page.getByRole('button', { name: 'Search', exact: true })).toBeEnabled();
    await search.focus();
    await search.pressSequentially(username.slice(0, -1));
    await page.waitForURL((url) => url.searchParams.get('search') === username.slice(0, -1));
    await search.pressSequentially(username.slice(-1));
    await page.waitForURL((url) => url.searchParams.get('search') === username);
    await expect(cell).toBeVisible();
    await expect(search).toBeFocused();
    await expect(search).toHaveValue(username);
    await page.getByRole('link', { name: 'Clear search' }).press('Enter');
    await page.waitForURL((url) => !url.searchParams.has('search'));
    await expect(search).toBeFocused();
    await expect(search).toHaveValue('');
    await page.goBack();
    await expect(search).toHaveValue(username);
    // What was typed meanwhile replaced one entry of the history.
    await page.goBack();
    await expect(search).toHaveValue('');
    await expect(page).toHaveURL(ACCOUNTS_PATH);
    await page
      .getByRole('navigation', { name: 'Sort by' })
      .getByRole('link', { name: 'Created' })
      .press('Enter');
    await page.waitForURL(/sort=created&order=desc/);
    await expect(page.getByRole('columnheader', { name: 'Created' })).toHaveAttribute(
      'aria-sort',
      'descending',
    );
    await expect(cell).toBeVisible();
  });

  test('opens an account by its username', { tag: '@soak' }, async ({ administrator: page, apiAccount }) => {
    const { username } = await apiAccount();
    const row = await findAccount(page, username);
    await row.getByRole('link', { name: username }).click();
    await expect(getDialog(page, 'Edit API Account').getByLabel('Username')).toHaveValue(username);
  });

  test('exports what is filtered', { tag: '@soak' }, async ({ administrator: page, apiAccount }) => {
    const { username } = await apiAccount();
    await findAccount(page, username);
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export CSV' }).click();
    const text = await readFile(await (await download).path(), 'utf8');
    expect(text.split('\r\n')).toEqual([
      expect.stringMatching(/^\ufeff"username",/),
      expect.stringContaining(username),
      '',
    ]);
    const lines = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export JSON Lines' }).click();
    expect((await lines).suggestedFilename()).toMatch(/^stagedoor-api-accounts-.*\.jsonl$/);
    expect(JSON.parse(await readFile(await (await lines).path(), 'utf8'))).toMatchObject({ username });
  });

  test('deactivates unused accounts one after the other from their tab', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
    database,
  }) => {
    const prefix = `Company ${randomUUID()}`;
    const accounts = [];
    for (const number of [1, 2])
      accounts.push(await apiAccount({ username: `${prefix} ${number}`, status: 'link_expired' }));
    for (const account of accounts) await backdateKeyDelivery(database, account, '8 days');
    await page.goto(`${ACCOUNTS_PATH}?status=unused&search=${encodeURIComponent(prefix)}`);
    const tab = page.getByRole('link', { name: /^Unused \d/ });
    await expect(tab).toHaveAccessibleName('Unused 2');
    const buttons = page.getByRole('button', { name: 'Deactivate' });
    await expect(buttons.first()).toBeEnabled();
    await buttons.first().focus();
    await page.keyboard.press('Enter');
    await expect(page.getByText(`${prefix} 1 deactivated`)).toBeVisible();
    await expect(buttons).toHaveCount(1);
    await expect(buttons).toBeFocused();
    await expect(tab).toHaveAccessibleName('Unused 1');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'No accounts here match' })).toBeVisible();
    await expect(page.getByRole('region', { name: 'API Accounts' })).toBeFocused();
    await page.getByRole('link', { name: 'open the account' }).click();
    await expect(
      getDialog(page, 'Edit API Account').getByLabel('This API account is active'),
    ).not.toBeChecked();
  });

  test('shows the first-run checklist to each administrator until that one dismisses it', {
    tag: '@soak',
  }, async ({ newUser, newSession, signedInAs, database, installation }) => {
    const users = [await newUser('settings_administrator'), await newUser('settings_administrator')] as const;
    for (const { userId } of users) await setChecklistShown(database, userId, true);
    const [user, colleague] = users;
    const page = await signedInAs(user);
    await page.goto(ACCOUNTS_PATH);
    const checklist = page.getByRole('region', { name: 'Get started' });
    // The shared installation has several users, and no providers.
    await expect(checklist.getByText('Invite a colleague (done)')).toBeVisible();
    await expect(checklist.getByText('Until then, messages stay in the outbox.')).toBeVisible();
    const dismissButton = checklist.getByRole('button', { name: 'Dismiss checklist' });
    await expect(dismissButton).toBeEnabled();
    await dismissButton.press('Enter');
    await expect(checklist).toHaveCount(0);
    await expect(page.getByRole('main')).toBeFocused();
    const requestList = async (cookies: Cookies) =>
      (await sendAs(installation.webUrl, { cookies, headers: {} }, { path: ACCOUNTS_PATH })).text;
    expect(await requestList((await newSession(user)).cookies)).not.toContain('Get started');
    expect(await requestList((await newSession(colleague)).cookies)).toContain('Get started');
    const viewer = await newUser('settings_viewer');
    await setChecklistShown(database, viewer.userId, true);
    expect(await requestList((await newSession(viewer)).cookies)).not.toContain('Get started');
  });

  test('shows pages of 50 accounts, and keeps the page in the URL', { tag: '@soak' }, async ({
    administrator: page,
    database,
  }) => {
    const username = await insertManyAccounts(database, 120);
    await page.goto(`${ACCOUNTS_PATH}?search=${encodeURIComponent(username)}`);
    const cells = page.getByRole('cell', { name: new RegExp(`^${username} \\d{3}$`) });
    const usernames: string[] = [];
    for (const [count, range] of [
      [50, '1–50 of 120'],
      [50, '51–100 of 120'],
      [20, '101–120 of 120'],
    ] as const) {
      await expect(cells).toHaveCount(count);
      await expect(page.getByText(range)).toBeVisible();
      usernames.push(...(await cells.allTextContents()));
      if (count === 50) {
        const previousUrl = page.url();
        await page.getByRole('link', { name: /^Next/ }).click();
        await page.waitForURL((url) => url.href !== previousUrl);
        await expect(page).toHaveURL(/after=/);
      }
    }
    expect(new Set(usernames).size).toBe(120);
    await expect(page.getByRole('link', { name: /^Next/ })).toHaveCount(0);
    await page.reload();
    await expect(cells).toHaveCount(20);
    await page.getByRole('link', { name: /^Previous/ }).click();
    await expect(cells).toHaveCount(50);
    await expect(cells.first()).toHaveText(usernames[50] ?? '');
  });

  test('shows the status of each account', { tag: '@soak' }, async ({ administrator: page, apiAccount }) => {
    for (const [status, label] of [
      ['awaiting_collection', 'Key not collected'],
      ['active', 'Active'],
      ['inactive', 'Inactive'],
      ['link_expired', 'Link expired'],
      ['locked', 'Locked'],
    ] as const) {
      const { username } = await apiAccount({ status });
      await expect(await findAccount(page, username)).toContainText(label);
    }
  });
});
