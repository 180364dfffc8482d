import { collectKey, dialog, findAccount, receiveKeyDelivery, resetKey } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

test.describe('API key reset', () => {
  test('revokes the old key immediately, and delivers a new one', async ({
    administrator: page,
    openPage,
    apiAccount,
    outbox,
    verify,
  }) => {
    const details = await apiAccount({ status: 'active' });
    const old = details.key;
    await receiveKeyDelivery(outbox, details);
    await resetKey(page, details);
    expect(await verify(old)).toMatchObject({ status: 401, code: 'invalid_key' });
    await expect(await findAccount(page, details.username)).toContainText('Key not collected');
    const key = await collectKey(await openPage(), await receiveKeyDelivery(outbox, details));
    expect(key).not.toBe(old);
    expect((await verify(key)).status).toBe(200);
    expect((await verify(old)).status).toBe(401);
  });

  test('shows the recipients before, and changes nothing on Cancel', async ({
    administrator: page,
    apiAccount,
    verify,
  }) => {
    const details = await apiAccount({ status: 'active' });
    const { key } = details;
    const row = await findAccount(page, details.username);
    await row.getByRole('button', { name: 'Reset API Key' }).click();
    const box = dialog(page, 'Reset API Key');
    await expect(box).toContainText(details.email);
    await expect(box).toContainText(details.phone);
    await expect(box).toContainText('stops working immediately');
    await box.getByRole('button', { name: 'Cancel' }).click();
    await expect(box).toBeHidden();
    await expect(row.getByRole('button', { name: 'Reset API Key' })).toBeFocused();
    await page.keyboard.press('Enter');
    await box.getByRole('button', { name: 'Edit them first' }).click();
    await expect(dialog(page, 'Edit API Account').getByLabel('Email address')).toBeFocused();
    await expect(box).toBeHidden();
    expect((await verify(key)).status).toBe(200);
  });

  test('replaces a link that the integrator has opened', async ({
    administrator: page,
    openPage,
    apiAccount,
    outbox,
  }) => {
    const earlier = await apiAccount();
    await receiveKeyDelivery(outbox, earlier);
    const integrator = await openPage();
    await integrator.goto(earlier.link);
    await expect(integrator.getByLabel('Authentication code')).toBeVisible();
    await resetKey(page, earlier);
    await integrator.getByLabel('Authentication code').fill(earlier.code);
    await integrator.getByRole('button', { name: 'Show API key' }).click();
    await expect(integrator.getByLabel('Authentication code')).toHaveCount(0);
    await expect(integrator.getByText(/reset/i)).toBeVisible();
    await collectKey(await openPage(), await receiveKeyDelivery(outbox, earlier));
  });

  test('leaves an inactive account inactive', async ({
    administrator: page,
    openPage,
    apiAccount,
    outbox,
    verify,
  }) => {
    const details = await apiAccount({ status: 'inactive' });
    await receiveKeyDelivery(outbox, details);
    await resetKey(page, details);
    const key = await collectKey(await openPage(), await receiveKeyDelivery(outbox, details));
    expect(await verify(key)).toMatchObject({ status: 403, code: 'inactive_account' });
    await expect(await findAccount(page, details.username)).toContainText('Inactive');
  });
});
