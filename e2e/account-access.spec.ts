import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { createScope } from '#lib/api-accounts/scopes/create.ts';
import { retireScope } from '#lib/api-accounts/scopes/retire.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { ACCOUNTS_PATH, createDetails, fillNewAccount, findAccount } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

/** Adds two scopes to the organisation's. The tests share a database, so each has its own. */
async function createScopes(database: Database, actor: Administrator): Promise<[string, string]> {
  const prefix = `e2e-${randomUUID().slice(0, 8)}`;
  for (const [name, description] of [
    [`${prefix}:read`, 'Read orders'],
    [`${prefix}:write`, 'Place and change orders'],
  ] as const)
    await createScope(database, actor, { name, description });
  return [`${prefix}:read`, `${prefix}:write`];
}

async function readAccess(database: Database, username: string) {
  const { rows } = await database.execute(
    sql`select expires_at, scopes from api_accounts where username = ${username}`,
  );
  return rows[0];
}

test.describe('access of an API account', () => {
  test('gives a key some scopes until a time, and the same key works again when the account is extended', async ({
    administrator: page,
    apiAccount,
    database,
    actor,
    verify,
  }) => {
    const [read, write] = await createScopes(database, actor);
    const { id, username, key } = await apiAccount({ status: 'active' });
    await page.goto(`${ACCOUNTS_PATH}/${id}`);
    const save = page.getByRole('button', { name: 'Save' });
    const expiry = page.getByLabel('Expiry', { exact: true });
    await expect(save).toBeEnabled();
    // A part of a date must not count as no expiry.
    await expiry.focus();
    await page.keyboard.type('1');
    await page.keyboard.press('Enter');
    await expect(page.getByText('Enter a date and a time, or leave this empty.')).toBeVisible();
    await expiry.fill('2026-01-31T12:00');
    await expect(page.getByText('When you save, the API key stops working immediately')).toBeVisible();
    await page.getByRole('checkbox', { name: 'Full access' }).uncheck();
    await page.getByRole('checkbox', { name: read }).check();
    await expect(page.getByText('requests that need any other scope are refused')).toBeVisible();
    await save.click();
    await expect(page.getByText('This account has expired')).toBeVisible();
    expect(await verify(key)).toMatchObject({ status: 403, code: 'expired_account' });
    await expect(await findAccount(page, username)).toContainText('Expired');
    await page.goBack();
    await page.getByRole('button', { name: 'Remove expiry' }).click();
    await page.getByRole('checkbox', { name: write }).check();
    await expect(page.getByText('When you save, the API key works again without an expiry')).toBeVisible();
    await save.click();
    await expect(page.getByText(`Its scopes are ${read} and ${write}`)).toBeVisible();
    expect(await verify(key)).toMatchObject({ status: 200 });
    expect(await readAccess(database, username)).toMatchObject({ expires_at: null, scopes: [read, write] });
  });

  test('creates an account with an expiry and scopes, with the keyboard', { tag: '@soak' }, async ({
    administrator: page,
    database,
    actor,
  }) => {
    const [read, write] = await createScopes(database, actor);
    await page.goto(ACCOUNTS_PATH);
    const details = createDetails();
    const box = await fillNewAccount(page, details);
    const expiry = box.getByLabel('Expiry', { exact: true });
    await expect(expiry).toBeHidden();
    await expect(box.locator('summary')).toHaveText('Access (optional): No expiry, full access');
    await box.locator('summary').press('Enter');
    await expiry.fill('2031-06-30T23:59');
    await box.getByRole('checkbox', { name: 'Full access' }).press('Space');
    for (const name of [read, write]) await box.getByRole('checkbox', { name }).press('Space');
    await box.locator('summary').press('Enter');
    await expect(expiry).toBeHidden();
    await expect(box.getByText('Access (optional): Expires at 23:59 UTC on 30 Jun 2031, ')).toBeVisible();
    await retireScope(database, actor, { name: write });
    await box.getByRole('button', { name: 'Create API Account' }).click();
    await expect(box.getByText(`The scope “${write}” doesn’t exist, or was retired.`)).toBeVisible();
    await expect(box.getByRole('checkbox', { name: 'Full access' })).toBeFocused();
    await box.getByRole('checkbox', { name: write }).press('Space');
    await box.getByRole('button', { name: 'Create API Account' }).click();
    await expect(box).toBeHidden();
    const access = await readAccess(database, details.username);
    expect(access?.scopes).toEqual([read]);
    expect(new Date(String(access?.expires_at)).toISOString()).toBe('2031-06-30T23:59:00.000Z');
  });
});
