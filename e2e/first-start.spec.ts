import { rm } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { Outbox } from './fixtures/outbox.ts';
import { ACCOUNTS_PATH, collectKey, createAccount, receiveKeyDelivery, signIn } from './fixtures/pages.ts';
import { startStagedoor } from './fixtures/stagedoor.ts';
import { expect, test } from './fixtures/test.ts';
import { verifyKey } from './fixtures/verify.ts';

/** Leaves `AUTH_SECRET` empty, so that Stagedoor generates a secret in its data folder. */
const GENERATED_SECRET = { AUTH_SECRET: '' };

test.describe('npm start', { tag: '@soak' }, () => {
  test('prints the password at the first start, and starts again in seconds with all data', async ({
    browser,
  }) => {
    test.setTimeout(120_000);
    const firstStartedAt = performance.now();
    const first = await startStagedoor(GENERATED_SECRET);
    const firstStartSeconds = (performance.now() - firstStartedAt) / 1000;
    const email = 'admin@example.com';
    const password =
      new RegExp(`${email}[^]*?password[^\\S\\n]*:?[^\\S\\n]*(\\S+)`, 'i').exec(first.output())?.[1] ?? '';
    expect(first.output()).toContain(first.webUrl);
    const page = await browser.newPage({ baseURL: first.webUrl });
    const getPasswordHint = (onPage: Page) => onPage.getByText('Your password is in the terminal');
    await page.goto('/sign-in');
    await expect(getPasswordHint(page)).toBeVisible();
    await signIn(page, { email, password });
    await test.step('offers a new account in the empty list', async () => {
      await page.goto(ACCOUNTS_PATH);
      await expect(page.getByRole('button', { name: 'New API Account' })).toHaveCount(2);
      await page.getByRole('button', { name: 'New API Account' }).last().click();
      await page
        .getByRole('dialog', { name: 'New API Account' })
        .getByRole('button', { name: 'Cancel' })
        .click();
    });
    const details = await createAccount(page);
    await expect(page.getByRole('cell', { name: details.username })).toBeVisible();
    const outbox = new Outbox(first.dataFolder);
    const key = await collectKey(page, await receiveKeyDelivery(outbox, details));
    outbox.close();
    await page.close();
    expect(await first.stop()).toBe(0);

    const secondStartedAt = performance.now();
    const second = await startStagedoor(GENERATED_SECRET, first.dataFolder);
    const secondStartSeconds = (performance.now() - secondStartedAt) / 1000;
    expect(second.output()).not.toContain(password);
    expect(await verifyKey(second.verifierUrl, key)).toMatchObject({
      status: 200,
      username: details.username,
    });
    const secondPage = await browser.newPage({ baseURL: second.webUrl });
    await secondPage.goto('/sign-in');
    await expect(secondPage.getByLabel('Password', { exact: true })).toBeVisible();
    await expect(getPasswordHint(secondPage)).toHaveCount(0);
    await signIn(secondPage, { email, password });
    await secondPage.close();
    expect(await second.stop()).toBe(0);
    await rm(first.dataFolder, { recursive: true, force: true });
    // On a quiet machine, the second start takes about five seconds. On a busy one, it must still be faster than the
    // first start, which also creates the database.
    expect(secondStartSeconds).toBeLessThan(Math.max(15, firstStartSeconds));
    expect([...first.errorLines(), ...second.errorLines()]).toEqual([]);
  });
});
