import { findAccount, openEditor, receive, reveal, someDetails } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

test.describe('editing', () => {
  test('an untick refuses the key at once; a tick lets it work again, with no message', async ({
    administrator: page,
    apiAccount,
    outbox,
    verify,
  }) => {
    const details = await apiAccount({ status: 'active' });
    const { key } = details;
    await receive(outbox, details);
    expect(await verify(key, details.username)).toMatchObject({ status: 200, username: details.username });
    for (const [active, status, label] of [
      [false, 403, 'Inactive'],
      [true, 200, 'Active'],
    ] as const) {
      const box = await openEditor(page, details);
      await box.getByRole('checkbox', { name: 'This API account is active' }).setChecked(active);
      await box.getByRole('button', { name: 'Save' }).click();
      await expect(box).toBeHidden();
      expect((await verify(key)).status).toBe(status);
      await expect(await findAccount(page, details.username)).toContainText(label);
    }
    expect(outbox.waitingFor(details.email)).toEqual([]);
    expect(outbox.waitingFor(details.phone)).toEqual([]);
  });

  test('the username is fixed, and the dialog says so', async ({ administrator: page, apiAccount }) => {
    const details = await apiAccount();
    const box = await openEditor(page, details);
    const username = box.getByLabel('Username');
    await expect(username).toHaveValue(details.username);
    await expect(username).not.toBeEditable();
    await expect(username).toHaveAccessibleDescription(/fixed/i);
  });

  test('another phone number starts the reveal anew; the dialog says so before', async ({
    administrator: page,
    openPage,
    apiAccount,
    outbox,
    verify,
  }) => {
    const earlier = await apiAccount();
    await receive(outbox, earlier);
    const box = await openEditor(page, earlier);
    const changed = { ...earlier, phone: someDetails().phone };
    await box.getByLabel('Phone number').fill(changed.phone);
    await expect(box).toContainText(/new (link|code|one)/i);
    await box.getByRole('button', { name: 'Save' }).click();
    await expect(box).toBeHidden();
    const later = await receive(outbox, changed);
    const integrator = await openPage();
    await integrator.goto(earlier.link);
    await expect(integrator.getByText(/reset/i)).toBeVisible();
    await expect(integrator.getByLabel('Authentication code')).toHaveCount(0);
    const key = await reveal(await openPage(), later);
    expect((await verify(key)).status).toBe(200);
  });

  test('a wrong number is told at the field', async ({ administrator: page, apiAccount }) => {
    const box = await openEditor(page, await apiAccount());
    await box.getByLabel('Phone number').fill('020 7946 0000');
    await box.getByRole('button', { name: 'Save' }).click();
    await expect(box.getByRole('alert')).toContainText('landline');
  });

  test('the second of two editors is told that it changed, and sees what', async ({
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
    await expect(second).toContainText(/changed/i);
    await expect(second).toContainText(changed);
    const row = await findAccount(administrator, details.username);
    await expect(row).toContainText('Waiting for reveal');
    await expect(row).toContainText(changed);
  });
});
