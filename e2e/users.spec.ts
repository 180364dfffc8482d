import type { Page } from '@playwright/test';
import { ACCOUNTS_PATH, createDetails, getDialog } from './fixtures/pages.ts';
import { collectDistinctResponses } from './fixtures/sign-in.ts';
import { expect, test } from './fixtures/test.ts';
import { listCoveredButtons } from './fixtures/toasts.ts';

const USERS_PATH = '/settings/users';

const getUserRow = (page: Page, email: string) => page.getByRole('row').filter({ hasText: email });

async function openEditor(page: Page, email: string) {
  await page.goto(USERS_PATH);
  await getUserRow(page, email).getByRole('button').click();
  return getDialog(page, 'Edit user');
}

/** Saves the user, and waits until the editor has closed. */
async function save(page: Page) {
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(getDialog(page, 'Edit user')).toBeHidden();
}

test.describe('users page', () => {
  test('invites a user by email, rejects the same email address, and resends the invitation', {
    tag: '@soak',
  }, async ({ administrator: page, outbox }) => {
    const { email } = createDetails();
    await page.goto(USERS_PATH);
    const navigation = page.getByRole('navigation', { name: 'Settings' });
    await expect(navigation.getByRole('link', { name: 'Users' })).toHaveAttribute('aria-current', 'page');
    await page.getByRole('button', { name: 'Invite a user' }).click();
    const box = getDialog(page, 'Invite a user');
    await box.getByLabel('Email address').fill(email);
    await box.getByRole('button', { name: 'Send invitation' }).click();
    await expect(box).toBeHidden();
    await expect(getUserRow(page, email)).toContainText('Invited');
    await outbox.waitForEmail(email, '/set-password#');
    await page.getByRole('button', { name: 'Invite a user' }).click();
    await box.getByLabel('Email address').fill(email.toUpperCase());
    await box.getByRole('button', { name: 'Send invitation' }).click();
    await expect(box.getByRole('alert')).toContainText('already has this email address');
    await expect(box.getByLabel('Email address')).toHaveValue(email.toUpperCase());
    await page.keyboard.press('Escape');
    const editor = await openEditor(page, email);
    const resend = editor.getByRole('button', { name: 'Resend invitation' });
    await editor.getByLabel('Email address').fill(`corrected-${email}`);
    await expect(resend).toHaveAttribute('aria-disabled', 'true');
    await expect(resend).toHaveAccessibleDescription(/^Save first/);
    await editor.getByLabel('Email address').fill(email);
    await resend.click();
    await outbox.waitForEmail(email, '/set-password#');
    await page.goto(ACCOUNTS_PATH);
    await expect(navigation.getByRole('link', { name: 'API Accounts' })).toHaveAttribute(
      'aria-current',
      'page',
    );
    await expect(navigation.getByRole('link', { name: 'Users' })).not.toHaveAttribute('aria-current');
  });

  test('signs a user out after a change of role and after a deactivation', { tag: '@soak' }, async ({
    administrator: page,
    openPage,
    newUser,
    newSession,
    installation,
  }) => {
    const user = await newUser('settings_administrator');
    const before = await newSession(user);
    const editor = await openEditor(page, user.email);
    const warning = editor.getByText('When you save, they’ll be signed out');
    await expect(warning).toHaveCount(0);
    await editor.getByLabel('Role').selectOption('settings_viewer');
    await expect(warning).toBeVisible();
    await save(page);
    await expect(getUserRow(page, user.email)).toContainText('Settings Viewer');
    expect(await collectDistinctResponses(installation, before.cookies, USERS_PATH)).toEqual([
      '307 /sign-in',
    ]);
    const userPage = await openPage((await newSession(user)).cookies);
    await userPage.goto(USERS_PATH);
    await expect(getUserRow(userPage, user.email)).toBeVisible();
    await expect(userPage.getByRole('button', { name: 'Invite a user' })).toHaveCount(0);
    await expect(getUserRow(userPage, user.email).getByRole('button')).toHaveCount(0);
    await (await openEditor(page, user.email)).getByLabel('This user can sign in').uncheck();
    await save(page);
    await expect(getUserRow(page, user.email)).toContainText('Inactive');
    await userPage.reload();
    await expect(userPage).toHaveURL(/\/sign-in/);
  });

  test('keeps a dialog open that was opened before a late response', { tag: '@soak' }, async ({
    administrator: page,
    newUser,
  }) => {
    const [first, second] = [await newUser('settings_viewer'), await newUser('settings_viewer')];
    const editor = await openEditor(page, first.email);
    await editor.getByLabel('Name').fill('Late Response');
    let releaseResponse = () => {};
    const released = new Promise<void>((resolve) => {
      releaseResponse = resolve;
    });
    await page.route(`**${USERS_PATH}`, async (route) => {
      if (route.request().method() === 'POST') await released;
      await route.continue();
    });
    await editor.getByRole('button', { name: 'Save' }).click();
    await page.keyboard.press('Escape');
    await expect(editor).toBeHidden();
    await getUserRow(page, second.email).getByRole('button').click();
    await expect(editor.getByLabel('Email address')).toHaveValue(second.email);
    await editor.getByLabel('Name').fill('Typed meanwhile');
    releaseResponse();
    await expect(page.getByText('Changes to Late Response saved')).toBeVisible();
    await save(page);
    await expect(getUserRow(page, second.email)).toContainText('Typed meanwhile');
  });

  test('allows administrators to change their own name but not their role, and shows why', {
    tag: '@soak',
  }, async ({ signedInAs, newUser }) => {
    const user = await newUser('settings_administrator');
    const page = await signedInAs(user);
    const editor = await openEditor(page, user.email);
    const role = editor.getByLabel('Role');
    await expect(role).toBeDisabled();
    await expect(role).toHaveValue('settings_administrator');
    await expect(role).toHaveAccessibleDescription(/^You can’t change your own role\. Ask another/);
    const active = editor.getByLabel('This user can sign in');
    await expect(active).toBeDisabled();
    await expect(active).toBeChecked();
    await expect(active).toHaveAccessibleDescription(/^You can’t turn off your own access\./);
    await editor.getByLabel('Name').fill('Rear Admiral Hopper');
    await save(page);
    await expect(getUserRow(page, user.email)).toContainText('Rear Admiral Hopper');
    await expect(getUserRow(page, user.email)).toContainText('Settings Administrator');
  });

  test('shows what another administrator has saved in between, including the role', { tag: '@soak' }, async ({
    administrator: page,
    openPage,
    administratorCookies,
    newUser,
  }) => {
    const { email } = await newUser('settings_administrator');
    const other = await openPage(administratorCookies);
    const editor = await openEditor(page, email);
    await (await openEditor(other, email)).getByLabel('Role').selectOption('settings_viewer');
    await save(other);
    await editor.getByLabel('Name').fill('Rear Admiral Hopper');
    await editor.getByRole('button', { name: 'Save' }).click();
    await expect(editor.getByRole('alert')).toContainText('Settings Viewer, can sign in');
    await expect(editor.getByLabel('Name')).toHaveValue('Rear Admiral Hopper');
    await expect(editor.getByLabel('Role')).toHaveValue('settings_viewer');
  });

  test('shows a toast that covers no button of the dialog', { tag: '@soak' }, async ({
    administrator: page,
    newUser,
  }) => {
    const { email } = await newUser('settings_viewer');
    for (const [width, height] of [
      [360, 800],
      [360, 568],
      [800, 600],
      [1440, 900],
    ] as const) {
      await page.setViewportSize({ width, height });
      const editor = await openEditor(page, email);
      await editor.getByRole('button', { name: 'Sign out everywhere' }).click();
      await expect(page.getByText('has been signed out everywhere')).toBeVisible();
      expect(await listCoveredButtons(page)).toEqual([]);
    }
  });
});
