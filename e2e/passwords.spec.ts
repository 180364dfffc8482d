import type { Page } from '@playwright/test';
import { eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { startEmailLink } from '#lib/identity/email-links/start.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import { insertEmailLink } from './fixtures/email-links.ts';
import { YOUR_ACCOUNT_PATH } from './fixtures/mfa.ts';
import { findLink } from './fixtures/outbox.ts';
import { signIn } from './fixtures/pages.ts';
import { postSignIn } from './fixtures/sign-in.ts';
import { expect, test } from './fixtures/test.ts';
import type { TestUser } from './fixtures/users.ts';

const NEW_PASSWORD = 'a quiet lamp on the stairs';
const LINK_PREFIX = '/set-password#';

async function requestLink(page: Page, email: string): Promise<void> {
  await page.getByLabel('Email address').fill(email);
  await page.getByRole('button', { name: 'Email me a link' }).click();
  await expect(page.getByText(`If ${email} has an account, we’ve emailed a link to it`)).toBeVisible();
}

async function setPassword(page: Page, password: string): Promise<void> {
  await page.getByLabel('New password').fill(password);
  await page.getByRole('button', { name: 'Set password' }).click();
}

/** Turns a user into an invited one, to whom the worker sends an email. */
async function invite(database: Database, { userId }: TestUser): Promise<void> {
  const sender = await getQueue(database.$client);
  await withTransaction(database, async (transaction) => {
    await lockUser(transaction, userId);
    await transaction.update(users).set({ passwordHash: null }).where(eq(users.id, userId));
    await startEmailLink(transaction, sender, { userId, purpose: 'invitation', createdBy: null });
  });
}

test.describe('password links', () => {
  test('resets a forgotten password once, and rejects a weak one', { tag: '@soak' }, async ({
    openPage,
    newUser,
    outbox,
  }) => {
    const user = await newUser('settings_viewer');
    const page = await openPage();
    await page.goto('/sign-in');
    await page.getByRole('link', { name: 'Forgotten your password?' }).click();
    // The sign-in page has a field with the same label, so wait for the new page.
    await expect(page.getByRole('heading', { name: 'Forgotten your password?' })).toBeVisible();
    await requestLink(page, user.email);
    const link = findLink(await outbox.waitForEmail(user.email, LINK_PREFIX));

    await page.goto(link);
    await expect(page.getByRole('heading', { name: 'Set a new password' })).toBeVisible();
    await expect(page.getByText(user.email)).toBeVisible();
    const field = page.getByLabel('New password');
    await setPassword(page, 'fourteen chars');
    await expect(page.getByRole('main').getByRole('alert')).toContainText('at least 15 characters');
    await expect(field).toHaveValue('fourteen chars');
    await field.fill('fifteen letters');
    await expect(page.getByRole('main').getByRole('alert')).toHaveCount(0);
    await setPassword(page, 'passwordpassword');
    await expect(page.getByRole('main').getByRole('alert')).toContainText('too common');
    await expect(page.getByRole('status').filter({ hasText: 'Very weak' })).toBeVisible();
    await expect(field).toHaveAttribute('type', 'password');
    await page.getByLabel('Show password').check();
    await expect(field).toHaveAttribute('type', 'text');
    await expect(field).toHaveValue('passwordpassword');
    await field.fill(NEW_PASSWORD);
    await expect(page.getByRole('status').filter({ hasText: 'Very strong' })).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Your password is set' })).toBeVisible();
    await expect(page.getByRole('main')).toContainText('You’ve been signed out');
    await page.getByRole('link', { name: 'Sign in' }).click();
    await signIn(page, { ...user, password: NEW_PASSWORD });

    const other = await openPage();
    await other.goto(link);
    await expect(other.getByRole('heading', { name: 'This link doesn’t work' })).toBeVisible();
    await expect(other.getByRole('main')).toContainText('ask a Settings Administrator for a new invitation');
    await expect(other.getByRole('link', { name: 'Sign in' })).toHaveAttribute('href', '/sign-in');
    await other.getByRole('link', { name: 'Ask for a new link' }).click();
    await expect(other.getByRole('button', { name: 'Email me a link' })).toBeEnabled();
  });

  test('explains a lost response, and focuses the message for a link that was used in between', {
    tag: '@soak',
  }, async ({ openPage, newUser, database }) => {
    const link =
      LINK_PREFIX + (await insertEmailLink(database, await newUser('settings_viewer'), 'password_reset'));
    const [page, other] = [await openPage(), await openPage()];
    await page.goto(link);
    await expect(page.getByRole('heading', { name: 'Set a new password' })).toBeVisible();
    await other.goto(link);
    await expect(other.getByRole('heading', { name: 'Set a new password' })).toBeVisible();
    // Drops the response after the server has set the password.
    await other.route('**/set-password', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      await route.fetch();
      return route.abort();
    });
    await setPassword(other, NEW_PASSWORD);
    await expect(other.getByRole('main').getByRole('alert')).toContainText(
      'may already be saved: try signing in',
    );
    await setPassword(page, 'another lamp on the stairs');
    await expect(page.getByRole('group', { name: 'This link doesn’t work' })).toBeFocused();
  });

  test('shows the same message for an unknown email address as for a known one, and sends no email to it', {
    tag: '@soak',
  }, async ({ openPage, newUser, outbox }) => {
    const page = await openPage();
    const { email } = await newUser(null);
    await page.goto('/forgotten-password');
    await requestLink(page, `not-${email}`);
    const messageForUnknown = (await page.getByRole('main').textContent()) ?? '';
    expect(messageForUnknown).toContain('ask a Settings Administrator for a new invitation');
    await page.reload();
    await requestLink(page, email);
    const messageForUser = (await page.getByRole('main').textContent()) ?? '';
    expect(messageForUser.replaceAll(email, `not-${email}`)).toBe(messageForUnknown);
    await outbox.waitForEmail(email, LINK_PREFIX);
    expect(outbox.listUnread(`not-${email}`)).toEqual([]);
  });

  test('asks an invited user for a name and a password, which then work', async ({
    openPage,
    newUser,
    outbox,
    database,
    installation,
  }) => {
    const user = await newUser('settings_viewer');
    const { email } = user;
    await invite(database, user);
    const page = await openPage();
    await page.goto(findLink(await outbox.waitForEmail(email, LINK_PREFIX)));
    await page.getByLabel('Your name').fill('');
    await setPassword(page, NEW_PASSWORD);
    await expect(page.getByRole('main').getByRole('alert')).toContainText('Enter your name.');
    await expect(page.getByLabel('New password')).toHaveValue(NEW_PASSWORD);
    await page.getByLabel('Your name').fill('Rear Admiral Hopper');
    await expect(page.getByRole('main').getByRole('alert')).toHaveCount(0);
    await page.getByRole('button', { name: 'Set password' }).click();
    await expect(page.getByRole('heading', { name: 'Your password is set' })).toBeVisible();
    await expect(page.getByRole('main')).not.toContainText('signed out');
    expect(await postSignIn(page, installation, { email, password: NEW_PASSWORD })).toBe('signed_in');
    await page.goto(YOUR_ACCOUNT_PATH);
    await expect(page.getByRole('form', { name: 'Your name' }).getByLabel('Name')).toHaveValue(
      'Rear Admiral Hopper',
    );
  });
});
