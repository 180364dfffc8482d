import { ACCOUNTS_PATH, findAccount } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

test.describe('allowed networks of an API account', () => {
  test('suggests networks, warns before they refuse recent use, and shows who was refused', {
    tag: '@soak',
  }, async ({ administrator: page, apiAccount, verify }) => {
    const { id, username, key } = await apiAccount({ status: 'active' });
    expect(await verify(key)).toMatchObject({ status: 200 });
    const field = page.getByLabel('Allowed networks');
    const save = page.getByRole('button', { name: 'Save' });
    // The verifier writes addresses once a second. Until then, the button is unavailable.
    const suggest = page.getByRole('button', { name: 'Suggest from recent use' });
    await expect(async () => {
      await page.goto(`${ACCOUNTS_PATH}/${id}`);
      await expect(suggest).toBeEnabled({ timeout: 500 });
    }).toPass();
    await suggest.click();
    await expect(field).toHaveValue('127.0.0.1');
    await expect(page.getByText('Added 1 address that was used in the last 30 days.')).toBeVisible();
    await expect(
      page.getByText('All addresses that were used in the last 30 days are in the list'),
    ).toBeVisible();
    await expect(page.getByText('The verifier doesn’t know clients behind a gateway')).toBeVisible();

    await field.fill('192.0.2.7\n192.0.2.300');
    await expect(page.getByText('came from 127.0.0.1, which isn’t in the list')).toBeVisible();
    await save.click();
    await expect(page.getByText('Line 2: “192.0.2.300” isn’t an IP address')).toBeVisible();
    await field.fill('192.0.2.9/24');
    await save.click();
    await expect(page.getByText('It’s allowed from 192.0.2.0/24 only.')).toBeVisible();
    await expect(field).toHaveValue('192.0.2.0/24');
    expect(await verify(key)).toMatchObject({ status: 403, code: 'network_not_allowed' });

    await expect(async () => {
      await expect(await findAccount(page, username)).toContainText('Network refused', { timeout: 500 });
    }).toPass();
    await page.goto(`${ACCOUNTS_PATH}/${id}`);
    await page.getByRole('button', { name: 'Add to the list: 127.0.0.1' }).click();
    await expect(field).toBeFocused();
    await expect(field).toHaveValue('192.0.2.0/24\n127.0.0.1');
    await save.click();
    await expect(page.getByText('It’s allowed from 2 networks only.')).toBeVisible();
    await expect(page.getByText('Requests were refused')).toBeHidden();
    expect(await verify(key)).toMatchObject({ status: 200 });
    await expect(page.getByRole('figure')).toContainText('Blocked: network not allowed');
  });
});
