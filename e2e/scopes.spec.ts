import { randomInt } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { createScope } from '#lib/api-accounts/scopes/create.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { expireRecentAuth } from './fixtures/mfa.ts';
import { ACCOUNTS_PATH, getDialog, SCOPES_PATH } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

/** Returns a name that no other test uses. */
const createName = () => `e2e.${randomInt(2 ** 40).toString(36)}`;

async function insertScope(database: Database, actor: Administrator): Promise<string> {
  const name = createName();
  expect(await createScope(database, actor, { name, description: 'For tests' })).toEqual({ ok: true });
  return name;
}

/** Gives an account these scopes only. */
const giveScopes = (database: Database, accountId: string, scopes: string[]) =>
  database.execute(
    sql`update api_accounts set scopes = string_to_array(${scopes.join(' ')}, ' ') where id = ${accountId}`,
  );

test.describe('scopes page', () => {
  test('creates a scope, and retires it after it has shown which account loses its only one', {
    tag: '@soak',
  }, async ({ administrator: page, apiAccount, database }) => {
    const { id, username } = await apiAccount({ status: 'active' });
    const name = createName();
    await page.goto(SCOPES_PATH);
    await page.getByRole('button', { name: 'New scope' }).click();
    const creating = getDialog(page, 'New scope');
    await creating.getByLabel('Name').fill('Not A Name');
    await creating.getByLabel('Description').fill('Read orders');
    await page.keyboard.press('Enter');
    await expect(creating.getByRole('alert')).toContainText('Use lower-case letters and digits');
    await creating.getByLabel('Name').fill(name);
    await page.keyboard.press('Enter');
    await expect(creating).toBeHidden();
    const row = page
      .getByRole('table', { name: 'Scopes', exact: true })
      .getByRole('row')
      .filter({ hasText: name });
    await expect(row).toContainText('Read orders');
    await giveScopes(database, id, [name]);

    await row.getByRole('button', { name: 'Retire…' }).click();
    const retiring = getDialog(page, 'Retire scope');
    await expect(retiring).toContainText('You can’t undo this');
    await expect(retiring.getByRole('list', { name: 'Accounts that lose the scope' })).toHaveText(username);
    await expect(retiring).toContainText('It’s the only scope of this account');
    await retiring.getByRole('button', { name: 'Retire scope' }).click();
    await expect(retiring).toBeHidden();
    await expect(page.getByRole('button', { name: 'New scope' })).toBeFocused();
    await expect(row).toHaveCount(0);
    await expect(
      page.getByRole('table', { name: 'Retired scopes' }).getByRole('row').filter({ hasText: name }),
    ).toHaveCount(1);
    const { rows } = await database.execute(sql`select scopes from api_accounts where id = ${id}`);
    expect(rows).toEqual([{ scopes: [] }]);
  });

  test('asks again if other accounts have got the scope in the meantime, and for re-authentication', {
    tag: '@soak',
  }, async ({ signedInAs, newUser, apiAccount, database, actor }) => {
    const user = await newUser('settings_administrator');
    const page = await signedInAs(user);
    const name = await insertScope(database, actor);
    const { id, username } = await apiAccount({ status: 'active' });
    await page.goto(SCOPES_PATH);
    await page.getByRole('row').filter({ hasText: name }).getByRole('button', { name: 'Retire…' }).click();
    const retiring = getDialog(page, 'Retire scope');
    await expect(retiring).toContainText('No account has it');
    await giveScopes(database, id, [name, 'another']);
    await retiring.getByRole('button', { name: 'Retire scope' }).click();
    await expect(retiring.getByRole('alert')).toContainText('other accounts have this scope now');
    await expect(retiring).toContainText(username);
    await expireRecentAuth(database, user);
    await retiring.getByRole('button', { name: 'Retire scope' }).click();
    await getDialog(page, 'Confirm it’s you').getByLabel('Your password').fill(user.password);
    await page.keyboard.press('Enter');
    await expect(page.getByText(`Scope ${name} retired`)).toBeVisible();
    await expect(page.getByText('One account lost it.')).toBeVisible();
  });

  test('does not overwrite the description that another administrator has saved', { tag: '@soak' }, async ({
    administrator: first,
    openPage,
    administratorCookies,
    database,
    actor,
  }) => {
    const name = await insertScope(database, actor);
    const second = await openPage(administratorCookies);
    const open = async (page: typeof first) => {
      await page.goto(SCOPES_PATH);
      await page.getByRole('row').filter({ hasText: name }).getByRole('button', { name: 'Edit' }).click();
      const dialog = getDialog(page, 'Edit scope');
      await expect(dialog.getByLabel('Description')).toBeFocused();
      await expect(dialog).toContainText('Your gateway refers to this name, so it can’t be changed.');
      return dialog;
    };
    const [one, other] = [await open(first), await open(second)];
    await one.getByLabel('Description').fill('Read orders');
    await first.keyboard.press('Enter');
    await expect(first.getByText(`Description of ${name} saved`)).toBeVisible();
    await other.getByLabel('Description').fill('Orders, read-only');
    await second.keyboard.press('Enter');
    const notice = other.getByRole('alert').filter({ hasText: 'changed this scope while you had it open' });
    await expect(notice).toContainText('Theirs: Read orders');
    await expect(notice).toContainText('Yours: Orders, read-only');
    await notice.getByRole('button', { name: 'Keep theirs' }).click();
    await expect(other.getByLabel('Description')).toHaveValue('Read orders');
    await other.getByLabel('Description').fill('Orders, read-only');
    // What was typed survives a reload.
    await second.reload();
    await expect(other.getByLabel('Description')).toHaveValue('Orders, read-only');
    await other.getByRole('button', { name: 'Save' }).click();
    await expect(second.getByRole('row').filter({ hasText: name })).toContainText('Orders, read-only');
  });

  test('can be found and opened only by administrators', { tag: '@soak' }, async ({
    administrator,
    viewer,
  }) => {
    await administrator.goto(ACCOUNTS_PATH);
    const navigation = administrator.getByRole('navigation', { name: 'Settings' });
    await navigation.getByRole('link', { name: 'Scopes' }).click();
    await expect(administrator.getByRole('heading', { name: 'Scopes', level: 1 })).toBeVisible();
    await administrator.keyboard.press('Control+k');
    await administrator.keyboard.type('new scope');
    await administrator.keyboard.press('Enter');
    await expect(getDialog(administrator, 'New scope')).toBeVisible();
    await viewer.goto(SCOPES_PATH);
    await expect(viewer.getByText('Only a Settings Administrator can view this page')).toBeVisible();
    await expect(viewer.getByRole('link', { name: 'Scopes' })).toHaveCount(0);
    await expect(viewer.getByRole('table')).toHaveCount(0);
  });
});
