import { sql } from 'drizzle-orm';
import { expect, test } from './fixtures/own-installation.ts';
import { ACCOUNTS_PATH, createAccount } from './fixtures/pages.ts';

const EXPIRY_PATH = '/settings/expiry';
const DEFAULT = 'Default, in days';
const MAXIMUM = 'Maximum, in days';

// The tests share one expiry policy, so they run one after the other.
test.describe.configure({ mode: 'default' });

test.beforeEach(({ database }) => database.execute(sql`truncate expiry_policy`).then(() => undefined));

test.describe('expiry settings', { tag: '@soak' }, () => {
  test('saves a default, which new accounts get', async ({ administrator: page, database }) => {
    await page.goto(ACCOUNTS_PATH);
    await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Expiry' }).click();
    await expect(page.getByRole('heading', { name: 'Expiry', level: 1 })).toBeVisible();
    await expect(page.getByText('A new account does not expire')).toBeVisible();
    await page.getByLabel(DEFAULT).fill('90');
    await expect(page.getByText('An account that is created today expires at the end of')).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(page.getByText('Default: 90 days. Maximum: none.')).toBeVisible();
    await page.reload();
    await expect(page.getByLabel(DEFAULT)).toHaveValue('90');
    const { username } = await createAccount(page);
    const { rows } = await database.execute(
      sql`select expires_at > now() + interval '89 days' as expires from api_accounts where username = ${username}`,
    );
    expect(rows).toEqual([{ expires: true }]);
  });

  test('shows field errors, and what a maximum means for accounts that exist', async ({
    administrator: page,
  }) => {
    await page.goto(EXPIRY_PATH);
    await expect(page.getByRole('button', { name: 'Save' })).toBeEnabled();
    await page.getByLabel(DEFAULT).fill('91');
    await page.getByLabel(MAXIMUM).fill('90');
    await expect(page.getByText('Accounts that already exist keep their expiry')).toBeVisible();
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.locator('form').getByRole('alert')).toHaveText(
      'The default can’t be longer than the maximum.',
    );
    await expect(page.getByLabel(DEFAULT)).toBeFocused();
    await page.getByLabel(MAXIMUM).fill('0');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.locator('form').getByRole('alert')).toHaveText(
      'Enter a whole number from 1 to 3,650, or leave this empty.',
    );
  });

  test('does not overwrite what another administrator has saved', async ({
    administrator: first,
    openPage,
    administratorCookies,
  }) => {
    const second = await openPage(administratorCookies);
    for (const page of [first, second]) {
      await page.goto(EXPIRY_PATH);
      await expect(page.getByRole('button', { name: 'Save' })).toBeEnabled();
    }
    await first.getByLabel(MAXIMUM).fill('365');
    await first.getByRole('button', { name: 'Save' }).click();
    await expect(first.getByText('Expiry settings saved')).toBeVisible();
    await second.getByLabel(MAXIMUM).fill('30');
    await second.getByRole('button', { name: 'Save' }).click();
    const notice = second.getByRole('alert').filter({ hasText: 'changed these settings' });
    await expect(notice).toContainText('Theirs: 365 days');
    await expect(notice).toContainText('Yours: 30 days');
    await second.getByRole('button', { name: 'Save' }).click();
    await expect(second.getByText('Maximum: 30 days.')).toBeVisible();
  });

  test('is not for viewers', async ({ signedInAs }) => {
    const page = await signedInAs('settings_viewer');
    await page.goto(EXPIRY_PATH);
    await expect(page.getByText('Only a Settings Administrator can view this page.')).toBeVisible();
    await expect(page.getByRole('link', { name: 'Expiry' })).toHaveCount(0);
  });
});
