import { sql } from 'drizzle-orm';
import { codeIn } from './fixtures/outbox.ts';
import {
  createAccount,
  enterCode,
  findAccount,
  holdsKey,
  receive,
  reveal,
  shownKey,
} from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

const ENDED = /administrator.*reset|reset.*administrator/i;

/** A code that is not this one. */
const otherCode = (code: string) => (code === '111111' ? '222222' : '111111');

test('five wrong tries end a code, and a new one works', async ({
  administrator,
  openPage,
  outbox,
  database,
}) => {
  const details = await createAccount(administrator);
  const handover = await receive(outbox, details);
  const page = await openPage();
  await page.goto(handover.link);
  for (const left of [4, 3, 2, 1]) {
    await enterCode(page, otherCode(handover.code));
    await expect(
      page
        .getByRole('alert')
        .or(page.getByRole('status'))
        .filter({ hasText: String(left) })
        .first(),
    ).toBeVisible();
  }
  await enterCode(page, otherCode(handover.code));
  await expect(page.getByRole('button', { name: 'Text me a new code' })).toBeVisible();
  await database.execute(
    sql`update reveals set code_issued_at = code_issued_at - interval '31 seconds' where email = ${details.email}`,
  );
  await page.goto('about:blank');
  await page.goto(handover.link);
  await page.getByRole('button', { name: 'Text me a new code' }).click();
  const code = codeIn(await outbox.nextTextTo(details.phone));
  expect(code).not.toBe(handover.code);
  await enterCode(page, handover.code);
  await expect(page.getByLabel('Authentication code')).toHaveAttribute('aria-invalid', 'true');
  await enterCode(page, code);
  await shownKey(page);
});

test('a new code cannot be had within 30 seconds', async ({ administrator, openPage, outbox }) => {
  const details = await createAccount(administrator);
  const handover = await receive(outbox, details);
  const page = await openPage();
  await page.goto(handover.link);
  await expect(page.getByLabel('Authentication code')).toBeVisible();
  await expect(
    page.getByRole('button', { name: 'Text me a new code' }).and(page.locator(':enabled')),
  ).toHaveCount(0);
  expect(outbox.waitingFor(details.phone)).toEqual([]);
});

test('a late code is told as late, and costs the account nothing', async ({
  administrator,
  openPage,
  outbox,
  database,
}) => {
  const details = await createAccount(administrator);
  const handover = await receive(outbox, details);
  const page = await openPage();
  await page.goto(handover.link);
  await expect(page.getByLabel('Authentication code')).toBeVisible();
  await database.execute(
    sql`update reveals set code_expires_at = now(), code_issued_at = now() - interval '10 minutes'
        where email = ${details.email}`,
  );
  await enterCode(page, handover.code);
  await expect(page.getByText(/expired|too late|no longer/i).first()).toBeVisible();
  expect(await holdsKey(page)).toBe(false);
  await page.getByRole('button', { name: 'Text me a new code' }).click();
  await enterCode(page, codeIn(await outbox.nextTextTo(details.phone)));
  await shownKey(page);
});

test("the link's 25th wrong try locks it, and the account says so", async ({
  administrator,
  openPage,
  outbox,
  database,
}) => {
  const details = await createAccount(administrator);
  const handover = await receive(outbox, details);
  await database.execute(sql`update reveals set link_tries = 24 where email = ${details.email}`);
  const page = await openPage();
  await page.goto(handover.link);
  await enterCode(page, otherCode(handover.code));
  await expect(page.getByText(ENDED).first()).toBeVisible();
  await expect(await findAccount(administrator, details.username)).toContainText('Locked');
  await page.goto('about:blank');
  await page.goto(handover.link);
  await expect(page.getByText(ENDED).first()).toBeVisible();
});

test('late, used, malformed and unknown links get the same calm page', async ({
  administrator,
  openPage,
  outbox,
  database,
}) => {
  const [late, used] = [await createAccount(administrator), await createAccount(administrator)];
  const [lateHandover, usedHandover] = [await receive(outbox, late), await receive(outbox, used)];
  await database.execute(sql`update reveals set expires_at = now() where email = ${late.email}`);
  await reveal(await openPage(), usedHandover);
  const unknown = lateHandover.link.slice(0, -4) + (lateHandover.link.endsWith('AAAA') ? 'BBBB' : 'AAAA');
  const links = [lateHandover.link, usedHandover.link, unknown, '/reveal#nonsense', '/reveal#', '/reveal'];
  const texts = new Set<string>();
  const page = await openPage();
  for (const link of links) {
    await page.goto('about:blank');
    await page.goto(link);
    await expect(page.getByText(ENDED).first()).toBeVisible();
    await expect(page.getByLabel('Authentication code')).toHaveCount(0);
    texts.add((await page.getByRole('main').textContent()) ?? '');
  }
  expect(texts.size).toBe(1);
});
