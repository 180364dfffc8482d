import {
  ACCOUNTS_PATH,
  createDetails,
  enterCode,
  fillNewAccount,
  findAccount,
  getDialog,
  openEditor,
  TEXT_MESSAGES_PATH,
} from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';
import { listDrafts, simulateUpdate } from './fixtures/updated-server.ts';

const USERS_PATH = '/settings/users';
const UPDATED = 'Stagedoor was updated. Reload this page.';
const KEPT = 'We’ve kept what you typed';

test.describe('a page that is older than the server', () => {
  test('asks to reload, and keeps a new account that was typed', async ({ administrator: page }) => {
    const details = createDetails();
    await page.goto(ACCOUNTS_PATH);
    const box = await fillNewAccount(page, details);
    await simulateUpdate(page);
    await box.getByRole('button', { name: 'Create API Account' }).click();
    await expect(box.getByRole('alert')).toContainText(UPDATED);
    await box.getByRole('button', { name: 'Reload this page' }).click();

    await expect(box.getByText(KEPT)).toBeVisible();
    // Not the button that discards everything.
    await expect(box.getByLabel('Username')).toBeFocused();
    await expect(box.getByLabel('Username')).toHaveValue(details.username);
    await expect(box.getByLabel('Email address')).toHaveValue(details.email);
    await expect(box.getByLabel('Phone number')).toHaveValue(details.phone);
    await box.getByRole('button', { name: 'Create API Account' }).click();
    await expect(box).toBeHidden();
    expect(await listDrafts(page)).toEqual([]);
    await findAccount(page, details.username);
    await expect(box).toBeHidden();
  });

  test('keeps an edit, and shows what another administrator has saved since', { tag: '@soak' }, async ({
    administrator: page,
    administratorCookies,
    openPage,
    apiAccount,
  }) => {
    const details = await apiAccount();
    const box = await openEditor(page, details);
    await box.getByLabel('Email address').fill('typed@example.com');
    await simulateUpdate(page);
    await box.getByRole('button', { name: 'Save' }).click();
    // The history may say so, too, above the buttons.
    await expect(box.getByRole('alert').filter({ hasText: UPDATED }).last()).toBeVisible();

    const other = await openEditor(await openPage(administratorCookies), details);
    await other.getByLabel('Requests per minute').fill('120');
    await other.getByRole('button', { name: 'Save' }).click();
    await expect(other).toBeHidden();

    await box.getByRole('button', { name: 'Reload this page' }).last().click();
    // The URL of the sheet now shows the account alone.
    const main = page.getByRole('main');
    await expect(main.getByRole('alert').filter({ hasText: 'edited this account' })).toBeVisible();
    await expect(main.getByLabel('Email address')).toHaveValue('typed@example.com');
    await expect(main.getByLabel('Requests per minute')).toHaveValue('120');
    await main.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText(`${details.username} saved`)).toBeVisible();
    expect(await listDrafts(page)).toEqual([]);
  });

  test('keeps an invitation, the edit of a user and the text message settings', { tag: '@soak' }, async ({
    administrator: page,
    newUser,
  }) => {
    await page.goto(USERS_PATH);
    await page.getByRole('button', { name: 'Invite a user' }).click();
    const inviting = getDialog(page, 'Invite a user');
    await inviting.getByLabel('Email address').fill('typed@example.com');
    await inviting.getByLabel('Role').selectOption({ label: 'Settings Administrator' });
    await page.reload();
    await expect(inviting.getByText(KEPT)).toBeVisible();
    await expect(inviting.getByLabel('Email address')).toHaveValue('typed@example.com');
    await expect(inviting.getByLabel('Role')).toHaveValue('settings_administrator');
    await inviting.getByRole('button', { name: 'Discard what I typed' }).click();
    await expect(inviting.getByLabel('Email address')).toHaveValue('');
    await expect(inviting.getByLabel('Email address')).toBeFocused();
    await inviting.getByRole('button', { name: 'Cancel' }).click();

    const { email } = await newUser('settings_viewer');
    await page.reload();
    await expect(inviting).toBeHidden();
    await page.getByRole('row').filter({ hasText: email }).getByRole('button').click();
    const editing = getDialog(page, 'Edit user');
    await editing.getByLabel('Name').fill('Typed Name');
    await page.reload();
    await expect(editing.getByText(KEPT)).toBeVisible();
    await expect(editing.getByLabel('Name')).toHaveValue('Typed Name');
    await editing.getByRole('button', { name: 'Save' }).click();
    await expect(editing).toBeHidden();

    await page.goto(TEXT_MESSAGES_PATH);
    const limit = page.getByLabel('Daily limit, all accounts');
    await expect(limit).toHaveValue(/\d/);
    const saved = await limit.inputValue();
    await limit.fill('77');
    await page.reload();
    await expect(page.getByText(KEPT)).toBeVisible();
    await expect(limit).toHaveValue('77');
    await page.getByRole('button', { name: 'Discard what I typed' }).click();
    await expect(limit).toHaveValue(saved);
    await expect(page.getByText(KEPT)).toBeHidden();
    expect(await listDrafts(page)).toEqual([]);
  });

  test('keeps no password, and nothing after signing out', { tag: '@soak' }, async ({ signedInAs }) => {
    const page = await signedInAs('settings_administrator');
    await page.goto('/settings/your-account');
    await page.getByRole('button', { name: 'Change password' }).click();
    const changing = getDialog(page, 'Change password');
    await changing.getByLabel('Current password').fill('typed secret');
    await changing.getByLabel('New password').fill('another typed secret');
    await simulateUpdate(page);
    await changing.getByRole('button', { name: 'Change password' }).click();
    await expect(changing.getByRole('alert').filter({ hasText: UPDATED })).toBeVisible();
    expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }))).not.toContain(
      'typed secret',
    );
    await changing.getByRole('button', { name: 'Reload this page' }).click();
    await expect(changing).toBeHidden();

    await page.goto(ACCOUNTS_PATH);
    const box = await fillNewAccount(page, createDetails());
    await page.reload();
    await expect(box.getByText(KEPT)).toBeVisible();
    await box.getByRole('button', { name: 'Cancel' }).click();
    expect(await listDrafts(page)).toEqual([]);
    await page.evaluate(() => sessionStorage.setItem('stagedoor.draft.invite', '{}'));
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in');
    expect(await listDrafts(page)).toEqual([]);
  });

  test('says that the user is still signed in', { tag: '@soak' }, async ({ administrator: page }) => {
    await page.goto(ACCOUNTS_PATH);
    await simulateUpdate(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.getByText('You’re still signed in').first()).toBeVisible();
  });

  test('asks to reload the pages of links and forgotten passwords', { tag: '@soak' }, async ({
    openPage,
    changedApiAccount,
    apiAccount,
  }) => {
    const page = await openPage();
    const openUpdated = async (link: string, ready: string) => {
      await page.goto('about:blank');
      await page.goto(link);
      await expect(page.getByRole('button', { name: ready })).toBeEnabled();
      await simulateUpdate(page);
    };
    const { link: changeLink } = await changedApiAccount();
    await openUpdated(changeLink, 'This was not us');
    await page.getByRole('button', { name: 'This was not us' }).click();
    await expect(page.getByRole('alert').filter({ hasText: UPDATED })).toBeVisible();
    await page.getByRole('button', { name: 'Reload this page' }).click();
    await page.getByRole('button', { name: 'This was not us' }).click();
    await expect(page.getByRole('heading', { name: 'Thank you' })).toBeVisible();

    await openUpdated('/forgotten-password', 'Email me a link');
    await page.getByLabel('Email address').fill('typed@example.com');
    await page.getByRole('button', { name: 'Email me a link' }).click();
    await expect(page.getByRole('alert').filter({ hasText: UPDATED })).toBeVisible();
    await page.getByRole('button', { name: 'Reload this page' }).click();
    await expect(page.getByLabel('Email address')).toHaveValue('typed@example.com');
    // Another person may be the next to use this tab.
    await page.getByRole('link', { name: 'Back to sign in' }).click();
    await page.waitForURL('**/sign-in');
    await expect.poll(() => listDrafts(page)).toEqual([]);

    const { link, code } = await apiAccount();
    await openUpdated(link, 'Show API key');
    await enterCode(page, code);
    await expect(page.getByRole('alert').filter({ hasText: UPDATED })).toBeVisible();
  });
});

test.describe('the error page of a list', () => {
  test('says that the account was created if the page fails afterwards, and shows it', {
    tag: '@soak',
  }, async ({ browser, installation, administratorCookies, apiAccount }) => {
    const { username, ...contact } = createDetails('Zava');
    await apiAccount({ username: `${username} b` });
    // The fixture `openPage` would fail the test, because the page reports an error.
    const context = await browser.newContext({
      baseURL: installation.webUrl,
      storageState: administratorCookies,
    });
    const page = await context.newPage();
    await page.goto(`${ACCOUNTS_PATH}?search=${encodeURIComponent(username)}`);
    const box = await fillNewAccount(page, { ...contact, username: `${username} a` });
    // React fails to insert the new row before one that something else, such as a browser extension, has removed.
    await page.evaluate(() => document.querySelector('main tbody')?.replaceChildren());
    await box.getByRole('button', { name: 'Create API Account' }).click();
    const alert = page.getByRole('alert').filter({ hasText: 'We can’t load your API accounts right now' });
    await expect(alert).toContainText('The API account was created. It’s in the list.');
    await expect(alert).not.toContainText('Nothing was changed');
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByRole('cell', { name: `${username} a`, exact: true })).toBeVisible();
    await expect(box).toBeHidden();
    await context.close();
  });

  test('says what may have been changed after a lost response', { tag: '@soak' }, async ({
    administrator: page,
  }) => {
    await page.goto(ACCOUNTS_PATH);
    const details = createDetails();
    const box = await fillNewAccount(page, details);
    await page.route(
      `**${ACCOUNTS_PATH}`,
      async (route) => {
        await route.fetch();
        await route.abort();
      },
      { times: 1 },
    );
    await box.getByRole('button', { name: 'Create API Account' }).click();
    await expect(box.getByRole('alert')).toContainText(
      'We didn’t get a response. The API account may have been created: check the list before you try again.',
    );
    await box.getByRole('button', { name: 'Create API Account' }).click();
    await expect(box.getByRole('alert')).toContainText(`“${details.username}” is already taken`);
  });
});
