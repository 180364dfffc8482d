import { sql } from 'drizzle-orm';
import {
  ACCOUNTS_PATH,
  createAccount,
  dialog,
  fillNewAccount,
  findAccount,
  receiveKeyDelivery,
  uniqueDetails,
} from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

const create = { name: 'Create API Account' };

const invalid = [
  ['an empty username', { username: '' }, 'Username', 'Enter a username'],
  ['a colon', { username: 'Contoso: Ltd' }, 'Username', 'can’t contain a colon'],
  ['65 characters', { username: 'x'.repeat(65) }, 'Username', 'Use 64 characters or fewer'],
  ['half an address', { email: 'someone@' }, 'Email address', 'name@example.com'],
  ['a national number', { phone: '07894 123 456' }, 'Phone number', '+447894123456'],
  ['a landline', { phone: '+442079460000' }, 'Phone number', 'landline'],
] as const;

test.describe('new account dialog', () => {
  test('creates an account, and sends the email and the SMS', async ({ administrator, outbox }) => {
    const details = await createAccount(administrator, uniqueDetails('Théâtre & Søn Ltd'));
    await expect(administrator.getByText(`${details.username} created`)).toBeVisible();
    await expect(
      administrator.getByRole('link', { name: 'Read both messages in the outbox' }),
    ).toHaveAttribute('href', '/outbox');
    const row = await findAccount(administrator, details.username);
    await expect(row).toContainText('Key not collected');
    await expect(row).toContainText(details.email);
    await expect(row).toContainText(details.phone);
    const email = await outbox.nextEmailTo(details.email);
    const sms = await outbox.nextSmsTo(details.phone);
    expect(email.text).toContain(details.username);
    expect(email.text).toContain('Northwind Traders');
    expect(sms.text).toContain('Northwind Traders');
    expect(sms.text).not.toContain(details.username);
  });

  test('shows field errors, and keeps the input', async ({ administrator: page }) => {
    await page.goto(ACCOUNTS_PATH);
    const box = await fillNewAccount(page, uniqueDetails());
    for (const [what, change, field, message] of invalid) {
      await test.step(what, async () => {
        const details = { ...uniqueDetails(), ...change };
        await box.getByLabel('Username').fill(details.username);
        await box.getByLabel('Email address').fill(details.email);
        await box.getByLabel('Phone number').fill(details.phone);
        await box.getByRole('button', create).click();
        const input = box.getByLabel(field);
        await expect(box.getByRole('alert')).toContainText(message);
        await expect(input).toHaveAccessibleDescription(new RegExp(message.replaceAll(/[+.]/g, '\\$&')));
        await expect(input).toHaveAttribute('aria-invalid', 'true');
        await expect(input).toBeFocused();
        await expect(box.getByLabel('Username')).toHaveValue(details.username);
        await expect(box.getByLabel('Email address')).toHaveValue(details.email);
        await expect(box.getByLabel('Phone number')).toHaveValue(details.phone);
      });
    }
  });

  test('replaces a national number by the one that its error suggests', async ({ administrator: page }) => {
    await page.goto(ACCOUNTS_PATH);
    const box = await fillNewAccount(page, { ...uniqueDetails(), phone: '07894 123 456' });
    await box.getByRole('button', create).click();
    await box.getByRole('button', { name: 'Use this number' }).click();
    const phone = box.getByLabel('Phone number');
    await expect(phone).toHaveValue('+447894123456');
    await expect(phone).toBeFocused();
    await expect(box.getByRole('alert')).toHaveCount(0);
  });

  test('rejects a username that differs only in case or outer spaces from an existing one', async ({
    administrator: page,
    apiAccount,
  }) => {
    const { username } = await apiAccount();
    await page.goto(ACCOUNTS_PATH);
    const box = await fillNewAccount(page, { ...uniqueDetails(), username: ` ${username.toUpperCase()} ` });
    await box.getByRole('button', create).click();
    await expect(box.getByLabel('Username')).toHaveAttribute('aria-invalid', 'true');
    await expect(box.getByRole('alert')).toBeVisible();
  });

  test('creates one account on a double click', async ({ administrator: page, outbox, database }) => {
    await page.goto(ACCOUNTS_PATH);
    const details = uniqueDetails();
    const box = await fillNewAccount(page, details);
    await box.getByRole('button', create).dblclick();
    await expect(box).toBeHidden();
    await findAccount(page, details.username);
    await receiveKeyDelivery(outbox, details);
    const { rows } = await database.execute(
      sql`select m.id from messages m join reveals r on r.id = m.reveal_id where r.email = ${details.email}`,
    );
    expect(rows).toHaveLength(2);
  });

  test('creates one account if two administrators choose the same username at the same time', async ({
    openPage,
    administratorCookies,
    administrator,
  }) => {
    const pages = [administrator, await openPage(administratorCookies)];
    const details = uniqueDetails();
    for (const page of pages) {
      await page.goto(ACCOUNTS_PATH);
      await fillNewAccount(page, details);
    }
    await Promise.all(pages.map((page) => page.getByRole('button', create).click()));
    await expect(async () => {
      const open = await Promise.all(pages.map((page) => dialog(page, 'New API Account').isVisible()));
      expect(open.filter(Boolean)).toHaveLength(1);
    }).toPass();
    const loser = (await dialog(administrator, 'New API Account').isVisible()) ? pages[0] : pages[1];
    await expect(loser?.getByRole('alert') ?? administrator.locator('nothing')).toBeVisible();
    await findAccount(administrator, details.username);
  });
});
