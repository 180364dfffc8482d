import { ACCOUNT_PAGE, setUpApp } from './fixtures/factors.ts';
import { LIST, signIn } from './fixtures/pages.ts';
import { START_WEB_MS, useWebProcess } from './fixtures/services.ts';
import { test as base, expect, type Where } from './fixtures/test.ts';

const test = base.extend<object, { where: Where }>({
  where: [
    ({ where }, use) => useWebProcess(where, { REQUIRE_SECOND_FACTOR: '1' }, use),
    { scope: 'worker', timeout: START_WEB_MS },
  ],
});

test('requires a user without a second factor to set one up before anything else', async ({
  openPage,
  newUser,
}) => {
  const page = await openPage();
  await signIn(page, await newUser('settings_administrator'));
  await expect(page).toHaveURL(new RegExp(ACCOUNT_PAGE));
  await expect(page.getByText('Set up a second factor to go on')).toBeVisible();
  await page.goto(LIST);
  await expect(page).toHaveURL(new RegExp(ACCOUNT_PAGE));
  await expect(page.getByRole('table')).toHaveCount(0);
  await setUpApp(page);
  await expect(page.getByText('Set up a second factor to go on')).toHaveCount(0);
  await page.goto(LIST);
  await expect(page.getByRole('heading', { name: 'API Accounts', level: 1 })).toBeVisible();
  await page.goto(ACCOUNT_PAGE);
  await page.getByRole('button', { name: 'Remove app' }).click();
  const box = page.getByRole('dialog', { name: 'Remove authenticator app' });
  await box.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(box.getByRole('alert')).toContainText('Add another first');
});
