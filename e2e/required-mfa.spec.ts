import { completeTotpSetup, YOUR_ACCOUNT_PATH } from './fixtures/mfa.ts';
import { ACCOUNTS_PATH, signIn } from './fixtures/pages.ts';
import { useWebProcess, WEB_START_TIMEOUT_MS } from './fixtures/services.ts';
import { test as base, expect, type Installation } from './fixtures/test.ts';

const test = base.extend<object, { installation: Installation }>({
  installation: [
    ({ installation }, use) => useWebProcess(installation, { REQUIRE_SECOND_FACTOR: '1' }, use),
    { scope: 'worker', timeout: WEB_START_TIMEOUT_MS },
  ],
});

test.describe('REQUIRE_SECOND_FACTOR=1', () => {
  test('requires a user without two-step sign-in to set one up first', {
    tag: '@soak',
  }, async ({ openPage, newUser }) => {
    const page = await openPage();
    await signIn(page, await newUser('settings_administrator'));
    await expect(page).toHaveURL(new RegExp(YOUR_ACCOUNT_PATH));
    await expect(page.getByText('Set up two-step sign-in to continue')).toBeVisible();
    await page.goto(ACCOUNTS_PATH);
    await expect(page).toHaveURL(new RegExp(YOUR_ACCOUNT_PATH));
    await expect(page.getByRole('table')).toHaveCount(0);
    await completeTotpSetup(page);
    await expect(page.getByText('Set up two-step sign-in to continue')).toHaveCount(0);
    await page.goto(ACCOUNTS_PATH);
    await expect(page.getByRole('heading', { name: 'API Accounts', level: 1 })).toBeVisible();
    await page.goto(YOUR_ACCOUNT_PATH);
    await page.getByRole('button', { name: 'Remove app' }).click();
    const box = page.getByRole('dialog', { name: 'Remove authenticator app' });
    await box.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(box.getByRole('alert')).toContainText('Add another first');
  });
});
