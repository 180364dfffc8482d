import { collectKey, createDetails, findAccount, openEditor, receiveKeyDelivery } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

test.describe('API account editor', () => {
  test('deactivates and reactivates an account immediately, without a message', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
    outbox,
    verify,
  }) => {
    const details = await apiAccount({ status: 'active' });
    const { key } = details;
    // Marks the messages of the key delivery as read, so that only later ones are unread.
    await receiveKeyDelivery(outbox, details);
    expect(await verify(key, details.username)).toMatchObject({ status: 200, username: details.username });
    for (const [active, status, label] of [
      [false, 403, 'Inactive'],
      [true, 200, 'Active'],
    ] as const) {
      const editor = await openEditor(page, details);
      await editor.getByRole('checkbox', { name: 'This API account is active' }).setChecked(active);
      await editor.getByRole('button', { name: 'Save' }).click();
      await expect(editor).toBeHidden();
      expect((await verify(key)).status).toBe(status);
      await expect(await findAccount(page, details.username)).toContainText(label);
    }
    expect(outbox.listUnread(details.email)).toEqual([]);
    expect(outbox.listUnread(details.phone)).toEqual([]);
  });

  test('does not allow a change of the username, and explains this', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
  }) => {
    const details = await apiAccount();
    const editor = await openEditor(page, details);
    const username = editor.getByLabel('Username');
    await expect(username).toHaveValue(details.username);
    await expect(username).not.toBeEditable();
    await expect(username).toHaveAccessibleDescription(/can’t be changed/i);
  });

  test('announces a new link and code for a changed phone number, and sends them after saving', {
    tag: '@soak',
  }, async ({ administrator: page, openPage, apiAccount, outbox, verify }) => {
    const details = await apiAccount();
    // Marks the messages of the first link and code as read.
    await receiveKeyDelivery(outbox, details);
    const editor = await openEditor(page, details);
    const changed = { ...details, phone: createDetails().phone };
    await editor.getByLabel('Phone number').fill(changed.phone);
    await expect(editor).toContainText('Saving cancels the link and code you sent');
    await expect(editor).toContainText(`We’ll send new ones to ${details.email} and ${changed.phone}`);
    await editor.getByRole('button', { name: 'Save' }).click();
    await expect(editor).toBeHidden();
    const delivery = await receiveKeyDelivery(outbox, changed);
    const integrator = await openPage();
    await integrator.goto(details.link);
    // The first link was replaced.
    await expect(integrator.getByRole('heading', { name: 'This link doesn’t work' })).toBeVisible();
    await expect(integrator.getByLabel('Authentication code')).toHaveCount(0);
    const key = await collectKey(await openPage(), delivery);
    expect((await verify(key)).status).toBe(200);
  });

  test('shows a field error for a landline', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
  }) => {
    const editor = await openEditor(page, await apiAccount());
    await editor.getByLabel('Phone number').fill('020 7946 0000');
    await editor.getByRole('button', { name: 'Save' }).click();
    await expect(editor.getByRole('alert')).toContainText('landline');
  });

  test('shows the second administrator what the first one has changed', { tag: '@soak' }, async ({
    administrator,
    openPage,
    administratorCookies,
    apiAccount,
  }) => {
    const details = await apiAccount();
    const other = await openPage(administratorCookies);
    const [first, second] = [await openEditor(administrator, details), await openEditor(other, details)];
    const changed = `changed-${details.email}`;
    await first.getByLabel('Email address').fill(changed);
    await first.getByRole('button', { name: 'Save' }).click();
    await expect(first).toBeHidden();
    await second.getByRole('checkbox', { name: 'This API account is active' }).uncheck();
    await second.getByRole('button', { name: 'Save' }).click();
    await expect(second).toContainText('edited this account');
    await expect(second).toContainText(changed);
    const row = await findAccount(administrator, details.username);
    await expect(row).toContainText('Key not collected');
    await expect(row).toContainText(changed);
  });
});
