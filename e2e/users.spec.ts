import type { Page } from '@playwright/test';
import { dialog, LIST, someDetails } from './fixtures/pages.ts';
import { responsesTo } from './fixtures/sign-in.ts';
import { expect, test } from './fixtures/test.ts';

const USERS = '/settings/users';

const rowOf = (page: Page, email: string) => page.getByRole('row').filter({ hasText: email });

/** Opens the editor of a user. */
async function openUser(page: Page, email: string) {
  await page.goto(USERS);
  await rowOf(page, email).getByRole('button').click();
  return dialog(page, 'Edit user');
}

/** Saves, and resolves when the editor has closed. */
async function save(page: Page) {
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(dialog(page, 'Edit user')).toBeHidden();
}

test('emails and lists who is invited, and refuses the same address', async ({
  administrator: page,
  outbox,
}) => {
  const { email } = someDetails();
  await page.goto(USERS);
  const places = page.getByRole('navigation', { name: 'Settings' });
  await expect(places.getByRole('link', { name: 'Users' })).toHaveAttribute('aria-current', 'page');
  await page.getByRole('button', { name: 'Invite a user' }).click();
  const box = dialog(page, 'Invite a user');
  await box.getByLabel('Email address').fill(email);
  await box.getByRole('button', { name: 'Send the invitation' }).click();
  await expect(box).toBeHidden();
  await expect(rowOf(page, email)).toContainText('Invited');
  await outbox.nextEmailTo(email, '/set-password#');
  await page.getByRole('button', { name: 'Invite a user' }).click();
  await box.getByLabel('Email address').fill(email.toUpperCase());
  await box.getByRole('button', { name: 'Send the invitation' }).click();
  await expect(box.getByRole('alert')).toContainText('has this address already');
  await expect(box.getByLabel('Email address')).toHaveValue(email.toUpperCase());
  await page.keyboard.press('Escape');
  const editor = await openUser(page, email);
  const again = editor.getByRole('button', { name: 'Send the invitation again' });
  await editor.getByLabel('Email address').fill(`corrected-${email}`);
  await expect(again).toHaveAttribute('aria-disabled', 'true');
  await expect(again).toHaveAccessibleDescription(/^Save first/);
  await editor.getByLabel('Email address').fill(email);
  await again.click();
  await outbox.nextEmailTo(email, '/set-password#');
  await page.goto(LIST);
  await expect(places.getByRole('link', { name: 'API Accounts' })).toHaveAttribute('aria-current', 'page');
  await expect(places.getByRole('link', { name: 'Users' })).not.toHaveAttribute('aria-current');
});

test('signs a user out with a new role, and again when they may not sign in any more', async ({
  administrator: page,
  openPage,
  newUser,
  newSession,
  where,
}) => {
  const person = await newUser('settings_administrator');
  const before = await newSession(person);
  const editor = await openUser(page, person.email);
  const warning = editor.getByText('When you save, they are signed out at once');
  await expect(warning).toHaveCount(0);
  await editor.getByLabel('Role').selectOption('settings_viewer');
  await expect(warning).toBeVisible();
  await save(page);
  await expect(rowOf(page, person.email)).toContainText('Settings Viewer');
  expect(await responsesTo(where, before.cookies, USERS)).toEqual(['307 /sign-in']);
  const theirs = await openPage((await newSession(person)).cookies);
  await theirs.goto(USERS);
  await expect(rowOf(theirs, person.email)).toBeVisible();
  await expect(theirs.getByRole('button', { name: 'Invite a user' })).toHaveCount(0);
  await expect(rowOf(theirs, person.email).getByRole('button')).toHaveCount(0);
  await (await openUser(page, person.email)).getByLabel('This user may sign in').uncheck();
  await save(page);
  await expect(rowOf(page, person.email)).toContainText('Not active');
  await theirs.reload();
  await expect(theirs).toHaveURL(/\/sign-in/);
});

test('closes no dialog that was opened meanwhile when a response comes late', async ({
  administrator: page,
  newUser,
}) => {
  const [one, other] = [await newUser('settings_viewer'), await newUser('settings_viewer')];
  const editor = await openUser(page, one.email);
  await editor.getByLabel('Name').fill('Late Answer');
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route(`**${USERS}`, async (route) => {
    if (route.request().method() === 'POST') await held;
    await route.continue();
  });
  await editor.getByRole('button', { name: 'Save' }).click();
  await page.keyboard.press('Escape');
  await expect(editor).toBeHidden();
  await rowOf(page, other.email).getByRole('button').click();
  await expect(editor.getByLabel('Email address')).toHaveValue(other.email);
  await editor.getByLabel('Name').fill('Typed meanwhile');
  answer();
  await expect(page.getByText('Late Answer was saved')).toBeVisible();
  await save(page);
  await expect(rowOf(page, other.email)).toContainText('Typed meanwhile');
});

test('lets administrators change their own name but not their role, and says why', async ({
  signedInAs,
  newUser,
}) => {
  const person = await newUser('settings_administrator');
  const page = await signedInAs(person);
  const editor = await openUser(page, person.email);
  const role = editor.getByLabel('Role');
  await expect(role).toBeDisabled();
  await expect(role).toHaveValue('settings_administrator');
  await expect(role).toHaveAccessibleDescription(/^Nobody can change their own role\. Ask another/);
  const active = editor.getByLabel('This user may sign in');
  await expect(active).toBeDisabled();
  await expect(active).toBeChecked();
  await expect(active).toHaveAccessibleDescription(/^Nobody can keep themselves from signing in\./);
  await editor.getByLabel('Name').fill('Rear Admiral Hopper');
  await save(page);
  await expect(rowOf(page, person.email)).toContainText('Rear Admiral Hopper');
  await expect(rowOf(page, person.email)).toContainText('Settings Administrator');
});

test('shows what another administrator has saved meanwhile, the role too', async ({
  administrator: page,
  openPage,
  administratorCookies,
  newUser,
}) => {
  const { email } = await newUser('settings_administrator');
  const other = await openPage(administratorCookies);
  const editor = await openUser(page, email);
  await (await openUser(other, email)).getByLabel('Role').selectOption('settings_viewer');
  await save(other);
  await editor.getByLabel('Name').fill('Rear Admiral Hopper');
  await editor.getByRole('button', { name: 'Save' }).click();
  await expect(editor.getByRole('alert')).toContainText('Settings Viewer, may sign in');
  await expect(editor.getByLabel('Name')).toHaveValue('Rear Admiral Hopper');
  await expect(editor.getByLabel('Role')).toHaveValue('settings_viewer');
});

test('covers no button of a dialog with its toast on a phone', async ({ administrator: page, newUser }) => {
  const { email } = await newUser('settings_viewer');
  for (const height of [800, 568]) {
    await page.setViewportSize({ width: 360, height });
    const editor = await openUser(page, email);
    await editor.getByRole('button', { name: 'Sign out everywhere' }).click();
    await expect(page.getByText('was signed out everywhere')).toBeVisible();
    // Tried, not pressed: whatever lay over a button would take the press.
    for (const name of ['Save', 'Cancel', 'Close', 'Sign out everywhere']) {
      await editor.getByRole('button', { name }).click({ trial: true });
    }
    await page.getByRole('button', { name: 'Dismiss' }).click({ trial: true });
  }
});
