import { sql } from 'drizzle-orm';
import { createAccount, enterCode, findAccount, holdsKey, receive, shownKey } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

test('the whole way: created, read, revealed, verified, shown as active', async ({
  administrator,
  openPage,
  outbox,
  verify,
}) => {
  const details = await createAccount(administrator);
  const handover = await receive(outbox, details);
  const page = await openPage();
  await page.goto(handover.link);
  await expect(page.getByText('Northwind Traders').first()).toBeVisible();
  await expect(page.getByText(new RegExp(`${details.phone.slice(-3)}\\b`)).first()).toBeVisible();
  await expect(page.locator('body')).not.toContainText(details.phone);
  await expect(page.locator('body')).not.toContainText(details.username);
  const code = page.getByLabel('Authentication code');
  await expect(code).toHaveAttribute('autocomplete', 'one-time-code');
  await expect(code).toHaveAttribute('inputmode', 'numeric');
  await enterCode(page, handover.code);
  const key = await shownKey(page);
  await expect(page.getByText(details.username).first()).toBeVisible();
  await expect(page.getByText(/not be shown again|shown only once|only this once/i).first()).toBeVisible();
  await page.getByRole('button', { name: /copy.*key/i }).click();
  await expect(page.getByText('Copied').first()).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key);
  await page.getByRole('button', { name: /copy.*username/i }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(details.username);
  expect(await verify(key)).toMatchObject({ status: 200, username: details.username });
  expect(await verify(key, details.username)).toMatchObject({ status: 200 });
  expect(await verify(key, 'Someone else')).toMatchObject({ status: 401 });
  const row = await findAccount(administrator, details.username);
  await expect(row).toContainText('Active');
});

test('pasting with spaces fills the code in', async ({ openPage, apiAccount }) => {
  const handover = await apiAccount();
  const page = await openPage();
  await page.goto(handover.link);
  const { code } = handover;
  await page.evaluate(
    (text) => navigator.clipboard.writeText(text),
    ` ${code.slice(0, 3)} ${code.slice(3)} `,
  );
  await page.getByLabel('Authentication code').focus();
  await page.keyboard.press('ControlOrMeta+V');
  await page.getByRole('button', { name: 'Show API key' }).click();
  await shownKey(page);
});

test('opening the link is written down and changes nothing else; neither does an empty or malformed code', async ({
  openPage,
  apiAccount,
  outbox,
  database,
}) => {
  const handover = await apiAccount();
  // The text with the code has arrived.
  await receive(outbox, handover);
  const look = async () => {
    const { rows } = await database.execute(sql`select * from reveals where email = ${handover.email}`);
    const [{ openings, ...others } = {}] = rows;
    return { openings, others };
  };
  const before = await look();
  expect(before.openings).toBe(0);
  const page = await openPage();
  for (const _ of [1, 2, 3]) {
    await page.goto('about:blank');
    await page.goto(handover.link);
    await expect(page.getByLabel('Authentication code')).toBeVisible();
  }
  for (const malformed of ['', '12345', '1234567', 'abcdef']) {
    await enterCode(page, malformed);
    await expect(page.getByLabel('Authentication code')).toHaveAttribute('aria-invalid', 'true');
  }
  expect(await look()).toEqual({ openings: 3, others: before.others });
  expect(outbox.waitingFor(handover.phone)).toEqual([]);
  await enterCode(page, handover.code);
  await shownKey(page);
});

test('in the same moment in two windows, one shows a key and the other says that it was used', async ({
  openPage,
  apiAccount,
  verify,
}) => {
  const handover = await apiAccount();
  const pages = [await openPage(), await openPage()];
  for (const page of pages) {
    await page.goto(handover.link);
    await page.getByLabel('Authentication code').fill(handover.code);
  }
  await Promise.all(pages.map((page) => page.getByRole('button', { name: 'Show API key' }).click()));
  for (const page of pages) await expect(page.getByLabel('Authentication code')).toHaveCount(0);
  const shown = await Promise.all(pages.map(holdsKey));
  expect(shown.filter(Boolean)).toHaveLength(1);
  const [winner, loser] = shown[0] ? pages : pages.toReversed();
  if (!winner || !loser) throw new Error('two pages were opened');
  await expect(loser.getByText(/used/i).first()).toBeVisible();
  expect((await verify(await shownKey(winner))).status).toBe(200);
});
