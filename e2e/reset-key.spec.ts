import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { revealKey } from '#lib/testing/accounts.ts';
import {
  collectKey,
  enterCode,
  findAccount,
  getDialog,
  openEditor,
  receiveKeyDelivery,
  resetKey,
} from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

test.describe('API key reset', () => {
  test('revokes the old key immediately, and delivers a new one', { tag: '@soak' }, async ({
    administrator: page,
    openPage,
    apiAccount,
    outbox,
    verify,
  }) => {
    const details = await apiAccount({ status: 'active' });
    const oldKey = details.key;
    await receiveKeyDelivery(outbox, details);
    await resetKey(page, details);
    expect(await verify(oldKey)).toMatchObject({ status: 401, code: 'invalid_key' });
    await expect(await findAccount(page, details.username)).toContainText('Key not collected');
    const key = await collectKey(await openPage(), await receiveKeyDelivery(outbox, details));
    expect(key).not.toBe(oldKey);
    expect((await verify(key)).status).toBe(200);
    expect((await verify(oldKey)).status).toBe(401);
  });

  test('lets the old key work for a set time, and ends it earlier', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
    verify,
  }) => {
    const details = await apiAccount({ status: 'active' });
    const { key } = details;
    await verify(key);
    const row = await findAccount(page, details.username);
    await row.getByRole('button', { name: 'Reset API Key' }).click();
    const box = getDialog(page, 'Reset API Key');
    const question = box.getByRole('group', { name: 'When should the old key stop working?' });
    await expect(question.getByRole('radio', { name: 'Immediately' })).toBeChecked();
    await question.getByRole('radio', { name: 'After a set time' }).check();
    await expect(question.getByRole('radio', { name: '24 hours' })).toBeChecked();
    await question.getByRole('radio', { name: '7 days' }).check();
    await expect(
      box.getByRole('status').filter({ hasText: 'The current key works for another 7 days' }),
    ).toBeVisible();
    await box.getByRole('button', { name: 'Reset API Key' }).click();
    await expect(page.getByText(/The old key works until \d\d:\d\d /).first()).toBeVisible();
    await expect(box).toBeHidden();
    expect(await verify(key)).toMatchObject({ status: 200 });

    const editor = await openEditor(page, details);
    const notice = editor.getByRole('region', { name: 'Old key' });
    await expect(notice).toContainText('Old key still works until');
    await notice.getByRole('button', { name: 'End it now' }).click();
    const ending = getDialog(page, 'End the old key now?');
    await expect(ending).toContainText('They’ll have no working key');
    await ending.getByRole('button', { name: 'End old key' }).click();
    await expect(ending).toBeHidden();
    const status = editor.getByRole('status').filter({ hasText: 'The old key has stopped working.' });
    await expect(status).toBeFocused();
    await expect(notice).toBeHidden();
    expect(await verify(key)).toMatchObject({ status: 401 });
  });

  test('shows on the account’s page that the old key ended, without a reload', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
    database,
    actor,
  }) => {
    const details = await apiAccount({ status: 'active' });
    await resetApiKey(database, actor, { id: details.id, oldKey: 'on_collection' });
    const editor = await openEditor(page, details);
    const notice = editor.getByRole('region', { name: 'Old key' });
    await expect(notice).toContainText('Old key still works until they collect the new one');
    await expect(editor.getByRole('region', { name: 'Key delivery' })).toContainText('Their old key works');
    await notice.getByRole('button', { name: 'End it now' }).focus();
    await revealKey(database, details.id);
    await expect(notice).toBeHidden();
    await expect(
      editor.getByRole('status').filter({ hasText: 'The old key has stopped working.' }),
    ).toBeFocused();
  });

  test('says why an old key can’t work for longer', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
  }) => {
    for (const [status, reason] of [
      ['awaiting_collection', 'There’s no old key yet'],
      ['inactive', 'because the account is inactive'],
    ] as const) {
      const row = await findAccount(page, (await apiAccount({ status })).username);
      await row.getByRole('button', { name: 'Reset API Key' }).click();
      const box = getDialog(page, 'Reset API Key');
      await expect(box).toContainText(reason);
      await expect(box.getByRole('radio')).toHaveCount(0);
    }
  });

  test('shows the recipients before the reset, and changes nothing on Cancel', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
    verify,
  }) => {
    const details = await apiAccount({ status: 'active' });
    const { key } = details;
    const row = await findAccount(page, details.username);
    await row.getByRole('button', { name: 'Reset API Key' }).click();
    const box = getDialog(page, 'Reset API Key');
    await expect(box).toContainText(details.email);
    await expect(box).toContainText(details.phone);
    await expect(box).toContainText('stops working immediately');
    await box.getByRole('button', { name: 'Cancel' }).click();
    await expect(box).toBeHidden();
    await expect(row.getByRole('button', { name: 'Reset API Key' })).toBeFocused();
    await page.keyboard.press('Enter');
    await box.getByRole('button', { name: 'Edit them first' }).click();
    await expect(getDialog(page, 'Edit API Account').getByLabel('Email address')).toBeVisible();
    await expect(box).toBeHidden();
    expect((await verify(key)).status).toBe(200);
  });

  test('replaces a link that the integrator has opened', { tag: '@soak' }, async ({
    administrator: page,
    openPage,
    apiAccount,
    outbox,
  }) => {
    const details = await apiAccount();
    await receiveKeyDelivery(outbox, details);
    const integrator = await openPage();
    await integrator.goto(details.link);
    await expect(integrator.getByLabel('Authentication code')).toBeVisible();
    await resetKey(page, details);
    await enterCode(integrator, details.code);
    await expect(integrator.getByLabel('Authentication code')).toHaveCount(0);
    await expect(integrator.getByRole('heading', { name: 'This link doesn’t work' })).toBeVisible();
    // The focused button was removed, so screen readers continue here.
    await expect(integrator.getByRole('group', { name: 'This link doesn’t work' })).toBeFocused();
    await collectKey(await openPage(), await receiveKeyDelivery(outbox, details));
  });

  test('leaves an inactive account inactive', { tag: '@soak' }, async ({
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

  test('asks again if another administrator has reset the key since the dialog was opened', {
    tag: '@soak',
  }, async ({
    administrator: page,
    administratorCookies,
    openPage,
    signedInAs,
    apiAccount,
    outbox,
    verify,
  }) => {
    const details = await apiAccount({ status: 'active' });
    await receiveKeyDelivery(outbox, details);
    const stalePage = await signedInAs('settings_administrator');
    const row = await findAccount(stalePage, details.username);
    await row.getByRole('button', { name: 'Reset API Key' }).click();
    const box = getDialog(stalePage, 'Reset API Key');
    await resetKey(page, details);
    const key = await collectKey(await openPage(), await receiveKeyDelivery(outbox, details));

    await box.getByRole('button', { name: 'Reset API Key' }).click();
    const alert = box.getByRole('alert');
    await expect(alert).toContainText(/ reset this key just now, and it has been collected\. Reset again\?/);
    await expect(alert.locator('..')).toBeFocused();
    expect((await verify(key)).status).toBe(200);
    await box.getByRole('button', { name: 'Reset API Key' }).click();
    await expect(box).toBeHidden();
    expect((await verify(key)).status).toBe(401);

    const own = await openPage(administratorCookies);
    await (await findAccount(own, details.username)).getByRole('button', { name: 'Reset API Key' }).click();
    await resetKey(page, details);
    const ownBox = getDialog(own, 'Reset API Key');
    await ownBox.getByRole('button', { name: 'Reset API Key' }).click();
    await expect(ownBox.getByRole('alert')).toContainText(
      'You reset this key just now. The new key hasn’t been collected yet. Reset again?',
    );
  });
});
