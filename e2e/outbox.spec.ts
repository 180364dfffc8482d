import { containsCode } from '#lib/testing/contains-code.ts';
import { findCode, findLink } from './fixtures/outbox.ts';
import { enterCode, readShownKey } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

test.describe('outbox', () => {
  test('shows both messages of a key delivery, with a working link', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
    outbox,
    verify,
  }) => {
    const details = await apiAccount();
    const [email, sms] = [await outbox.waitForEmail(details.email), await outbox.waitForSms(details.phone)];
    await page.goto('/outbox');
    await expect(page.getByText(details.email).first()).toBeVisible();
    await expect(page.getByText(details.phone).first()).toBeVisible();
    await page
      .locator(`a[href="${findLink(email)}"]`)
      .first()
      .click();
    await enterCode(page, findCode(sms));
    expect((await verify(await readShownKey(page))).status).toBe(200);
  });

  test('shows the newest message first', async ({ administrator: page, apiAccount, outbox }) => {
    const older = await apiAccount();
    await outbox.waitForEmail(older.email);
    const newer = await apiAccount();
    await outbox.waitForEmail(newer.email);
    await page.goto('/outbox');
    const content = (await page.getByRole('main').textContent()) ?? '';
    expect(content.indexOf(newer.email)).toBeGreaterThanOrEqual(0);
    expect(content.indexOf(newer.email)).toBeLessThan(content.indexOf(older.email));
  });

  test('contains the link only in the email, and the code only in the SMS', async ({
    apiAccount,
    outbox,
  }) => {
    const details = await apiAccount();
    const [email, sms] = [await outbox.waitForEmail(details.email), await outbox.waitForSms(details.phone)];
    const [link, code] = [findLink(email), findCode(sms)];
    expect(email.html).toContain(link);
    expect(containsCode(`${email.text}\n${email.html}`, code)).toBe(false);
    expect(sms.text).not.toMatch(/https?:|reveal/);
    expect(sms.subject).toBeNull();
    expect(sms.html).toBeNull();
  });

  test('contains an email without remote images, and a short SMS whose code browsers can fill in', async ({
    apiAccount,
    outbox,
  }) => {
    const details = await apiAccount();
    const [email, sms] = [await outbox.waitForEmail(details.email), await outbox.waitForSms(details.phone)];
    expect(email.html).not.toMatch(/<img[^>]+src="http/);
    expect(sms.text.length).toBeLessThanOrEqual(160);
    // The last line is an origin-bound one-time code.
    expect(sms.text).toMatch(/^@localhost #\d{6}$/m);
  });
});
