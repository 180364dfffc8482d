import { rm } from 'node:fs/promises';
import { ACCOUNT_PAGE, setUpApp } from './fixtures/factors.ts';
import { LIST, signIn } from './fixtures/pages.ts';
import { startStagedoor } from './fixtures/stagedoor.ts';
import { expect, test } from './fixtures/test.ts';

const PERSON = { email: 'ada@example.org', password: 'correct horse battery staple' };

test('where a second factor is required, whoever has none sets one up before anything else', async ({
  browser,
}) => {
  test.setTimeout(180_000);
  const stagedoor = await startStagedoor({
    REQUIRE_SECOND_FACTOR: '1',
    FIRST_ADMIN_EMAIL: PERSON.email,
    FIRST_ADMIN_PASSWORD: PERSON.password,
  });
  const context = await browser.newContext({ baseURL: stagedoor.webUrl });
  const page = await context.newPage();
  await signIn(page, PERSON);
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
  await context.close();
  await stagedoor.stop();
  await rm(stagedoor.dataFolder, { recursive: true, force: true });
  expect(stagedoor.errorLines()).toEqual([]);
});
