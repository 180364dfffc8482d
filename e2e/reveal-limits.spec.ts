import { sql } from 'drizzle-orm';
import { makeWrongCode } from '#lib/testing/accounts.ts';
import { findCode, type Outbox } from './fixtures/outbox.ts';
import { containsKey, enterCode, findAccount, readShownKey } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

const INVALID_LINK_TEXT = 'ask Northwind Traders to reset your key';

/** Waits for the SMS with the first code, because sending it restarts the code's ten minutes. */
async function receiveFirstSms(
  outbox: Outbox,
  { phone, code }: { phone: string; code: string },
): Promise<void> {
  expect(findCode(await outbox.waitForSms(phone))).toBe(code);
}

test.describe('reveal page', () => {
  test('rejects a code after five wrong attempts, and accepts a new one', async ({
    apiAccount,
    openPage,
    outbox,
    database,
  }) => {
    const delivery = await apiAccount();
    await receiveFirstSms(outbox, delivery);
    const page = await openPage();
    await page.goto(delivery.link);
    for (const attemptsLeft of [4, 3, 2, 1]) {
      await enterCode(page, makeWrongCode(delivery.code));
      const tries = attemptsLeft === 1 ? '1 try' : `${attemptsLeft} tries`;
      await expect(page.getByText(`That code isn’t right. ${tries} left.`)).toBeVisible();
    }
    await enterCode(page, makeWrongCode(delivery.code));
    await expect(page.getByRole('button', { name: 'Text me a new code' })).toBeVisible();
    await database.execute(
      sql`update reveals set code_issued_at = code_issued_at - interval '31 seconds' where email = ${delivery.email}`,
    );
    // `goto` does not reload a page that is already at the same URL with a fragment.
    await page.goto('about:blank');
    await page.goto(delivery.link);
    await page.getByRole('button', { name: 'Text me a new code' }).click();
    const code = findCode(await outbox.waitForSms(delivery.phone));
    expect(code).not.toBe(delivery.code);
    await enterCode(page, delivery.code);
    await expect(page.getByLabel('Authentication code')).toHaveAttribute('aria-invalid', 'true');
    await enterCode(page, code);
    await readShownKey(page);
  });

  test('offers no new code within 30 seconds', { tag: '@soak' }, async ({ apiAccount, openPage, outbox }) => {
    const delivery = await apiAccount();
    await receiveFirstSms(outbox, delivery);
    const page = await openPage();
    await page.goto(delivery.link);
    await expect(page.getByLabel('Authentication code')).toBeVisible();
    await expect(
      page.getByRole('button', { name: 'Text me a new code' }).and(page.locator(':enabled')),
    ).toHaveCount(0);
    expect(outbox.listUnread(delivery.phone)).toEqual([]);
  });

  test('rejects an expired code, and sends a new one', { tag: '@soak' }, async ({
    apiAccount,
    openPage,
    outbox,
    database,
  }) => {
    const delivery = await apiAccount();
    await receiveFirstSms(outbox, delivery);
    const page = await openPage();
    await page.goto(delivery.link);
    await expect(page.getByLabel('Authentication code')).toBeVisible();
    await database.execute(
      sql`update reveals set code_expires_at = now(), code_issued_at = now() - interval '10 minutes'
        where email = ${delivery.email}`,
    );
    await enterCode(page, delivery.code);
    await expect(page.getByText('This code has expired.')).toBeVisible();
    expect(await containsKey(page)).toBe(false);
    await page.getByRole('button', { name: 'Text me a new code' }).click();
    await enterCode(page, findCode(await outbox.waitForSms(delivery.phone)));
    await readShownKey(page);
  });

  test('locks the link after the 25th wrong attempt, and shows this in the list', { tag: '@soak' }, async ({
    administrator,
    apiAccount,
    openPage,
    outbox,
    database,
  }) => {
    const delivery = await apiAccount();
    await receiveFirstSms(outbox, delivery);
    await database.execute(sql`update reveals set link_attempts = 24 where email = ${delivery.email}`);
    const page = await openPage();
    await page.goto(delivery.link);
    await enterCode(page, makeWrongCode(delivery.code));
    await expect(page.getByText(INVALID_LINK_TEXT).first()).toBeVisible();
    await expect(await findAccount(administrator, delivery.username)).toContainText('Locked');
    await page.goto('about:blank');
    await page.goto(delivery.link);
    await expect(page.getByText(INVALID_LINK_TEXT).first()).toBeVisible();
  });

  test('shows the same page for expired, altered and forged links', {
    tag: '@soak',
  }, async ({ apiAccount, openPage }) => {
    const expired = await apiAccount({ status: 'link_expired' });
    const altered = expired.link.slice(0, -4) + (expired.link.endsWith('AAAA') ? 'BBBB' : 'AAAA');
    const links = [expired.link, altered, `/reveal#${'x'.repeat(64)}`];
    const texts = new Set<string>();
    const page = await openPage();
    for (const link of links) {
      await page.goto('about:blank');
      await page.goto(link);
      await expect(page.getByText(INVALID_LINK_TEXT).first()).toBeVisible();
      await expect(page.getByLabel('Authentication code')).toHaveCount(0);
      texts.add((await page.getByRole('main').textContent()) ?? '');
    }
    expect(texts.size).toBe(1);
  });

  test('opens a link with punctuation around its token, and asks to copy an incomplete one', {
    tag: '@soak',
  }, async ({ apiAccount, changedApiAccount, openPage }) => {
    const { link } = await apiAccount();
    const { link: reportLink } = await changedApiAccount();
    const page = await openPage();
    for (const complete of [`${link}.`, link.replace('#', '%23')]) {
      await page.goto('about:blank');
      await page.goto(complete);
      await expect(page.getByLabel('Authentication code')).toBeVisible();
    }
    await page.goto(`${reportLink}”`);
    await expect(page.getByRole('button', { name: 'This was not us' })).toBeVisible();
    for (const incomplete of [link.slice(0, -9), '/reveal', reportLink.slice(0, -1), '/set-password#x']) {
      await page.goto('about:blank');
      await page.goto(incomplete);
      await expect(page.getByRole('heading', { name: 'This link is incomplete' })).toBeVisible();
      await expect(page.getByText('Copy all of it from the email')).toBeVisible();
    }
  });

  test('says that a newer code was sent if an earlier one is entered', { tag: '@soak' }, async ({
    apiAccount,
    openPage,
    database,
  }) => {
    const delivery = await apiAccount();
    const page = await openPage();
    await page.goto(delivery.link);
    await expect(page.getByLabel('Authentication code')).toBeVisible();
    await database.execute(sql`update reveals set code_generation = 2 where email = ${delivery.email}`);
    await enterCode(page, delivery.code);
    await expect(
      page.getByText(/^A newer code was sent at \d\d:\d\d GMT\+5:45\. Use that one\.$/),
    ).toBeVisible();
  });
});
