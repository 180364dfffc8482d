import { sql } from 'drizzle-orm';
import {
  createAccount,
  dialog,
  fillNewAccount,
  findAccount,
  LIST,
  receive,
  someDetails,
} from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

const create = { name: 'Create API Account' };

test.describe('a new account', () => {
  test('waits for its reveal, and both messages go out', async ({ administrator, outbox }) => {
    const details = await createAccount(administrator, someDetails('Théâtre & Søn Ltd'));
    await expect(administrator.getByText(`${details.username} was created`)).toBeVisible();
    const row = await findAccount(administrator, details.username);
    await expect(row).toContainText('Waiting for reveal');
    await expect(row).toContainText(details.email);
    await expect(row).toContainText(details.phone);
    const mail = await outbox.nextEmailTo(details.email);
    const text = await outbox.nextTextTo(details.phone);
    expect(mail.text).toContain(details.username);
    expect(mail.text).toContain('Northwind Traders');
    expect(text.text).toContain('Northwind Traders');
    expect(text.text).not.toContain(details.username);
  });

  const wrong = [
    ['an empty username', { username: '' }, 'Username', 'Enter a username'],
    ['a colon', { username: 'Contoso: Ltd' }, 'Username', 'Leave out the colon'],
    ['65 characters', { username: 'x'.repeat(65) }, 'Username', 'Use at most 64 characters'],
    ['half an address', { email: 'someone@' }, 'Email address', 'name@example.com'],
    ['a national number', { phone: '07894 123 456' }, 'Phone number', '+447894123456'],
    ['a landline', { phone: '+442079460000' }, 'Phone number', 'landline'],
  ] as const;
  test('shows what is wrong at the field, and keeps everything that was typed', async ({
    administrator: page,
  }) => {
    await page.goto(LIST);
    const box = await fillNewAccount(page, someDetails());
    for (const [what, change, field, message] of wrong) {
      await test.step(what, async () => {
        const details = { ...someDetails(), ...change };
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

  test('cannot have a username that is taken, whatever its case and outer spaces', async ({
    administrator: page,
    apiAccount,
  }) => {
    const { username } = await apiAccount();
    await page.goto(LIST);
    const box = await fillNewAccount(page, { ...someDetails(), username: ` ${username.toUpperCase()} ` });
    await box.getByRole('button', create).click();
    await expect(box.getByLabel('Username')).toHaveAttribute('aria-invalid', 'true');
    await expect(box.getByRole('alert')).toBeVisible();
  });

  test('is created once by a double click', async ({ administrator: page, outbox, database }) => {
    await page.goto(LIST);
    const details = someDetails();
    const box = await fillNewAccount(page, details);
    await box.getByRole('button', create).dblclick();
    await expect(box).toBeHidden();
    await findAccount(page, details.username);
    await receive(outbox, details);
    const { rows } = await database.execute(
      sql`select m.id from messages m join reveals r on r.id = m.reveal_id where r.email = ${details.email}`,
    );
    expect(rows).toHaveLength(2);
  });

  test('is created by one of two people who choose the same username at once', async ({
    openPage,
    administratorCookies,
    administrator,
  }) => {
    const pages = [administrator, await openPage(administratorCookies)];
    const details = someDetails();
    for (const page of pages) {
      await page.goto(LIST);
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
