import { sql } from 'drizzle-orm';
import { codeIn, type Outbox } from './fixtures/outbox.ts';
import { enterCode, findAccount, holdsKey, shownKey } from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

const ENDED = /administrator.*reset|reset.*administrator/i;

/** A code that is not this one. */
const otherCode = (code: string) => (code === '111111' ? '222222' : '111111');

/** Takes the text with the first code out of the outbox. Its sending also restarts the code's ten minutes. */
async function firstText(outbox: Outbox, { phone, code }: { phone: string; code: string }): Promise<void> {
  expect(codeIn(await outbox.nextTextTo(phone))).toBe(code);
}

test('five wrong tries end a code, and a new one works', async ({
  apiAccount,
  openPage,
  outbox,
  database,
}) => {
  const handover = await apiAccount();
  await firstText(outbox, handover);
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
    sql`update reveals set code_issued_at = code_issued_at - interval '31 seconds' where email = ${handover.email}`,
  );
  await page.goto('about:blank');
  await page.goto(handover.link);
  await page.getByRole('button', { name: 'Text me a new code' }).click();
  const code = codeIn(await outbox.nextTextTo(handover.phone));
  expect(code).not.toBe(handover.code);
  await enterCode(page, handover.code);
  await expect(page.getByLabel('Authentication code')).toHaveAttribute('aria-invalid', 'true');
  await enterCode(page, code);
  await shownKey(page);
});

test('a new code cannot be had within 30 seconds', async ({ apiAccount, openPage, outbox }) => {
  const handover = await apiAccount();
  await firstText(outbox, handover);
  const page = await openPage();
  await page.goto(handover.link);
  await expect(page.getByLabel('Authentication code')).toBeVisible();
  await expect(
    page.getByRole('button', { name: 'Text me a new code' }).and(page.locator(':enabled')),
  ).toHaveCount(0);
  expect(outbox.waitingFor(handover.phone)).toEqual([]);
});

test('a late code is told as late, and costs the account nothing', async ({
  apiAccount,
  openPage,
  outbox,
  database,
}) => {
  const handover = await apiAccount();
  await firstText(outbox, handover);
  const page = await openPage();
  await page.goto(handover.link);
  await expect(page.getByLabel('Authentication code')).toBeVisible();
  await database.execute(
    sql`update reveals set code_expires_at = now(), code_issued_at = now() - interval '10 minutes'
        where email = ${handover.email}`,
  );
  await enterCode(page, handover.code);
  await expect(page.getByText(/expired|too late|no longer/i).first()).toBeVisible();
  expect(await holdsKey(page)).toBe(false);
  await page.getByRole('button', { name: 'Text me a new code' }).click();
  await enterCode(page, codeIn(await outbox.nextTextTo(handover.phone)));
  await shownKey(page);
});

test("the link's 25th wrong try locks it, and the account says so", async ({
  administrator,
  apiAccount,
  openPage,
  outbox,
  database,
}) => {
  const handover = await apiAccount();
  await firstText(outbox, handover);
  await database.execute(sql`update reveals set link_tries = 24 where email = ${handover.email}`);
  const page = await openPage();
  await page.goto(handover.link);
  await enterCode(page, otherCode(handover.code));
  await expect(page.getByText(ENDED).first()).toBeVisible();
  await expect(await findAccount(administrator, handover.username)).toContainText('Locked');
  await page.goto('about:blank');
  await page.goto(handover.link);
  await expect(page.getByText(ENDED).first()).toBeVisible();
});

test('late, used, malformed and unknown links get the same calm page', async ({ apiAccount, openPage }) => {
  const [late, used] = [await apiAccount({ status: 'link_expired' }), await apiAccount({ status: 'active' })];
  const unknown = late.link.slice(0, -4) + (late.link.endsWith('AAAA') ? 'BBBB' : 'AAAA');
  const links = [late.link, used.link, unknown, '/reveal#nonsense', '/reveal#', '/reveal'];
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
