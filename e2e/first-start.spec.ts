import { rm } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { Outbox } from './fixtures/outbox.ts';
import { ACCOUNTS_PATH, collectKey, createAccount, receiveKeyDelivery, signIn } from './fixtures/pages.ts';
import { startStagedoor } from './fixtures/stagedoor.ts';
import { expect, test } from './fixtures/test.ts';
import { verifyKey } from './fixtures/verify.ts';

/** Leaves `AUTH_SECRET` unset, so that Stagedoor generates a secret in its data folder. */
const OWN_SECRET = { AUTH_SECRET: '' };

test.describe('npm start', () => {
  test('prints the password at the first start, and keeps all data for the second', async ({ browser }) => {
    test.setTimeout(120_000);
    const firstStartedAt = performance.now();
    const first = await startStagedoor(OWN_SECRET);
    const firstSeconds = (performance.now() - firstStartedAt) / 1000;
    const email = 'admin@example.com';
    const password =
      new RegExp(`${email}[^]*?password[^\\S\\n]*:?[^\\S\\n]*(\\S+)`, 'i').exec(first.output())?.[1] ?? '';
    expect(first.output()).toContain(first.webUrl);
    const page = await browser.newPage({ baseURL: first.webUrl });
    const hint = (on: Page) => on.getByText('Your password is in the terminal');
    await page.goto('/sign-in');
    await expect(hint(page)).toBeVisible();
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
    const second = await startStagedoor(OWN_SECRET, first.dataFolder);
    const seconds = (performance.now() - secondStartedAt) / 1000;
    expect(second.output()).not.toContain(password);
    expect(await verifyKey(second.verifierUrl, key)).toMatchObject({
      status: 200,
      username: details.username,
    });
    const again = await browser.newPage({ baseURL: second.webUrl });
    await again.goto('/sign-in');
    await expect(again.getByLabel('Password', { exact: true })).toBeVisible();
    await expect(hint(again)).toHaveCount(0);
    await signIn(again, { email, password });
    await again.close();
    expect(await second.stop()).toBe(0);
    await rm(first.dataFolder, { recursive: true, force: true });
    // About five on a quiet machine. On a busy one, the first start is the limit, because it also creates the database.
    expect(seconds).toBeLessThan(Math.max(15, firstSeconds));
    expect([...first.errorLines(), ...second.errorLines()]).toEqual([]);
  });
});
