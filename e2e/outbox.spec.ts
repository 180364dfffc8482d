import { containsCode } from '#lib/testing/contains-code.ts';
import { codeIn, linkIn } from './fixtures/outbox.ts';
import { enterCode, shownKey } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

test('the outbox shows both messages, newest first, and leads to the key', async ({
  administrator: page,
  apiAccount,
  outbox,
  verify,
}) => {
  const details = await apiAccount();
  const [mail, text] = [await outbox.nextEmailTo(details.email), await outbox.nextTextTo(details.phone)];
  await page.goto('/outbox');
  await expect(page.getByText(details.email).first()).toBeVisible();
  await expect(page.getByText(details.phone).first()).toBeVisible();
  await page
    .locator(`a[href="${linkIn(mail)}"]`)
    .first()
    .click();
  const integrator = page.context().pages().at(-1) ?? page;
  await enterCode(integrator, codeIn(text));
  expect((await verify(await shownKey(integrator))).status).toBe(200);
});

test('newer messages stand above older ones', async ({ administrator: page, apiAccount, outbox }) => {
  const older = await apiAccount();
  await outbox.nextEmailTo(older.email);
  const newer = await apiAccount();
  await outbox.nextEmailTo(newer.email);
  await page.goto('/outbox');
  const words = (await page.getByRole('main').textContent()) ?? '';
  expect(words.indexOf(newer.email)).toBeGreaterThanOrEqual(0);
  expect(words.indexOf(newer.email)).toBeLessThan(words.indexOf(older.email));
});

test('the email has the link and no code; the text has the code and no link', async ({
  apiAccount,
  outbox,
}) => {
  const details = await apiAccount();
  const [mail, text] = [await outbox.nextEmailTo(details.email), await outbox.nextTextTo(details.phone)];
  const [link, code] = [linkIn(mail), codeIn(text)];
  expect(mail.html).toContain(link);
  expect(containsCode(`${mail.text}\n${mail.html}`, code)).toBe(false);
  expect(mail.html).not.toMatch(/<img[^>]+src="http/);
  expect(text.text).not.toMatch(/https?:|reveal/);
  expect(text.text.length).toBeLessThanOrEqual(160);
  expect(text.text).toMatch(/^@localhost #\d{6}$/m);
  expect(text.subject).toBeNull();
  expect(text.html).toBeNull();
});
