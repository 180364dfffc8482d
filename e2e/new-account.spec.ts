import { sql } from 'drizzle-orm';
import {
  ACCOUNTS_PATH,
  createAccount,
  createDetails,
  fillNewAccount,
  findAccount,
  getDialog,
  openEditor,
  receiveKeyDelivery,
} from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

const CREATE_BUTTON = { name: 'Create API Account' };

const INVALID_INPUTS = [
  ['an empty username', { username: '' }, 'Username', 'Enter a username'],
  ['a colon', { username: 'Contoso: Ltd' }, 'Username', 'can’t contain a colon'],
  ['65 characters', { username: 'x'.repeat(65) }, 'Username', 'Use 64 characters or fewer'],
  ['half an address', { email: 'someone@' }, 'Email address', 'name@example.com'],
  ['a national number', { phone: '07894 123 456' }, 'Phone number', '+44 7894 123456'],
  ['a landline', { phone: '+442079460000' }, 'Phone number', 'landline'],
] as const;

test.describe('new account dialog', () => {
  test('creates an account, and sends the email and the SMS', async ({ administrator, outbox }) => {
    const details = await createAccount(administrator, createDetails('Théâtre & Søn Ltd'));
    await expect(administrator.getByText(`${details.username} created`)).toBeVisible();
    await expect(
      administrator.getByText(
        `The link for ${details.email} and the code for ${details.phone} are in the outbox.`,
      ),
    ).toBeVisible();
    // The new account is the first in the list, whatever its name.
    await expect(administrator.getByRole('row').nth(1)).toContainText(details.username);
    await expect(administrator.getByRole('row').nth(1)).toContainText('Just created.');
    await administrator.getByRole('link', { name: /^All / }).click();
    await expect(administrator.getByText('Just created.')).toHaveCount(0);
    await expect(administrator.getByRole('table', { name: 'API Accounts' })).toBeVisible();
    const row = await findAccount(administrator, details.username);
    await expect(row).toContainText('Key not collected');
    await expect(row).toContainText(details.email);
    await expect(row).toContainText(details.phone);
    const email = await outbox.waitForEmail(details.email);
    const sms = await outbox.waitForSms(details.phone);
    expect(email.text).toContain(details.username);
    expect(email.text).toContain('Northwind Traders');
    expect(sms.text).toContain('Northwind Traders');
    expect(sms.text).not.toContain(details.username);
  });

  test('shows field errors, and keeps the input', { tag: '@soak' }, async ({ administrator: page }) => {
    await page.goto(ACCOUNTS_PATH);
    const box = await fillNewAccount(page, createDetails());
    for (const [input, change, field, message] of INVALID_INPUTS) {
      await test.step(input, async () => {
        const details = { ...createDetails(), ...change };
        await box.getByLabel('Username').fill(details.username);
        await box.getByLabel('Email address').fill(details.email);
        await box.getByLabel('Phone number').fill(details.phone);
        await box.getByRole('button', CREATE_BUTTON).click();
        const textbox = box.getByLabel(field);
        await expect(box.getByRole('alert')).toContainText(message);
        await expect(textbox).toHaveAccessibleDescription(new RegExp(message.replaceAll(/[+.]/g, '\\$&')));
        await expect(textbox).toHaveAttribute('aria-invalid', 'true');
        await expect(textbox).toBeFocused();
        await expect(box.getByLabel('Username')).toHaveValue(details.username);
        await expect(box.getByLabel('Email address')).toHaveValue(details.email);
        await expect(box.getByLabel('Phone number')).toHaveValue(details.phone);
      });
    }
  });

  test('checks a field when it loses the focus, and shows all errors together', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
  }) => {
    const { username } = await apiAccount();
    await page.goto(ACCOUNTS_PATH);
    const box = await fillNewAccount(page, { username, email: 'dev@gmial.com', phone: '07894 123 456' });
    const [email, phone] = [box.getByLabel('Email address'), box.getByLabel('Phone number')];
    // The focus left the username, which is taken, and the email address when the next field was filled in.
    await expect(box.getByRole('alert')).toContainText(['is already taken']);
    await box.getByRole('button', { name: 'Use dev@gmail.com' }).click();
    await expect(email).toHaveValue('dev@gmail.com');
    await expect(email).toBeFocused();
    await email.fill('dev@');
    await box.getByRole('button', CREATE_BUTTON).click();
    await expect(box.getByRole('alert')).toContainText([
      'is already taken',
      'name@example.com',
      'Start with the country code.',
    ]);
    await expect(box.getByLabel('Username')).toBeFocused();
    await box.getByRole('button', { name: 'Use +44 7894 123456' }).click();
    await expect(phone).toHaveValue('+44 7894 123456');
    await expect(phone).toBeFocused();
    await expect(box.getByRole('alert')).toHaveCount(2);
  });

  test('asks to confirm an unknown phone number, here and in the editor', { tag: '@soak' }, async ({
    administrator: page,
  }) => {
    const details = { ...createDetails(), phone: '+44 6123 456789' };
    await page.goto(ACCOUNTS_PATH);
    const box = await fillNewAccount(page, details);
    const phone = box.getByLabel('Phone number');
    const confirmation = box.getByLabel('This number is right');
    await box.getByRole('button', CREATE_BUTTON).click();
    await expect(box.getByRole('alert')).toContainText('We don’t know any phone numbers like this one.');
    await confirmation.check();
    await expect(box.getByRole('alert')).toHaveCount(0);
    // Another number has to be confirmed again.
    await phone.fill('+44 6123 456780');
    await expect(confirmation).toBeHidden();
    await phone.blur();
    await confirmation.check();
    await box.getByRole('button', CREATE_BUTTON).click();
    await expect(box).toBeHidden();

    const editor = await openEditor(page, details);
    await editor.getByLabel('Phone number').fill('+44 6123 456781');
    await editor.getByRole('button', { name: 'Save' }).click();
    await expect(editor.getByRole('alert')).toContainText('We don’t know any phone numbers like this one.');
    await editor.getByLabel('This number is right').check();
    await editor.getByRole('button', { name: 'Save' }).click();
    await expect(editor).toBeHidden();
    await expect(await findAccount(page, details.username)).toContainText('+446123456781');
  });

  test('rejects a username that differs only in case or outer spaces from an existing one', {
    tag: '@soak',
  }, async ({ administrator: page, apiAccount }) => {
    const { username } = await apiAccount();
    await page.goto(ACCOUNTS_PATH);
    const box = await fillNewAccount(page, { ...createDetails(), username: ` ${username.toUpperCase()} ` });
    await box.getByRole('button', CREATE_BUTTON).click();
    await expect(box.getByLabel('Username')).toHaveAttribute('aria-invalid', 'true');
    await expect(box.getByRole('alert')).toBeVisible();
  });

  test('creates one account on a double click', { tag: '@soak' }, async ({
    administrator: page,
    outbox,
    database,
  }) => {
    await page.goto(ACCOUNTS_PATH);
    const details = createDetails();
    const box = await fillNewAccount(page, details);
    await box.getByRole('button', CREATE_BUTTON).dblclick();
    await expect(box).toBeHidden();
    await findAccount(page, details.username);
    await receiveKeyDelivery(outbox, details);
    const { rows } = await database.execute(
      sql`select m.id from messages m join reveals r on r.id = m.reveal_id where r.email = ${details.email}`,
    );
    expect(rows).toHaveLength(2);
  });

  test('creates one account if two browsers submit the same username at the same time', {
    tag: '@soak',
  }, async ({ openPage, administratorCookies, administrator }) => {
    const other = await openPage(administratorCookies);
    const pages = [administrator, other];
    const details = createDetails();
    for (const page of pages) {
      await page.goto(ACCOUNTS_PATH);
      await fillNewAccount(page, details);
    }
    await Promise.all(pages.map((page) => page.getByRole('button', CREATE_BUTTON).click()));
    await expect(async () => {
      const areOpen = await Promise.all(pages.map((page) => getDialog(page, 'New API Account').isVisible()));
      expect(areOpen.filter(Boolean)).toHaveLength(1);
    }).toPass();
    const hasAdministratorLost = await getDialog(administrator, 'New API Account').isVisible();
    const [loser, winner] = hasAdministratorLost ? [administrator, other] : [other, administrator];
    await expect(loser.getByRole('alert')).toBeVisible();
    // The loser's draft would open the dialog again, over the list.
    await findAccount(winner, details.username);
  });
});
