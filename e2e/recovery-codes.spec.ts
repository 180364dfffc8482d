import type { Page } from '@playwright/test';
import {
  ACCOUNT_PAGE,
  addApp,
  createRecoveryCodes,
  enterPassword,
  insertApp,
  isIn,
} from './fixtures/factors.ts';
import { expect, test } from './fixtures/test.ts';

test('signs in by a recovery code once, and shows how many are left', async ({
  openPage,
  newUser,
  outbox,
  database,
}) => {
  const person = await newUser('settings_administrator');
  const { codes } = await insertApp(database, person);
  const recover = async (page: Page) => {
    await enterPassword(page, person);
    await page.getByRole('button', { name: 'Use a recovery code' }).click();
    await expect(page.getByLabel('Recovery code')).toBeFocused();
    await page.getByLabel('Recovery code').fill((codes[0] ?? '').toLowerCase());
    await page.keyboard.press('Enter');
  };
  const [page, other] = [await openPage(), await openPage()];
  await recover(page);
  await isIn(page);
  expect((await outbox.nextEmailTo(person.email)).subject).toContain('A recovery code was used');
  await page.goto(ACCOUNT_PAGE);
  await expect(page.getByText('9 are left.')).toBeVisible();
  await recover(other);
  await expect(other.getByText(/was used before/)).toBeVisible();
  await other.getByRole('button', { name: 'Start again' }).click();
  await expect(other.getByLabel('Email address')).toBeVisible();
});

/** What is left of the page when the browser may keep it for going back: it is told in the same task. */
const leave = (page: Page) =>
  page.evaluate(() => {
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    return document.documentElement.outerHTML;
  });

test('keeps recovery codes and the key for an app out of a page that is left', async ({ signedInAs }) => {
  const page = await signedInAs(null);
  await page.goto(ACCOUNT_PAGE);
  await page.getByRole('button', { name: 'Set up an app' }).click();
  const shown = page.getByRole('status').filter({ hasText: /^[A-Z2-7 ]{39}$/ });
  const key = await shown.textContent();
  expect(key).toMatch(/^[A-Z2-7 ]{39}$/);
  expect(await leave(page)).not.toContain(key);
  await expect(page.getByRole('dialog')).toHaveCount(0);

  await addApp(page);
  const box = page.getByRole('dialog', { name: 'Your recovery codes' });
  await expect(box.getByRole('listitem')).toHaveCount(10);
  const [code = ''] = await box.getByRole('listitem').allTextContents();
  expect(code).toMatch(/^[A-Z2-7-]{19}$/);
  await page.keyboard.press('Escape');
  await page.mouse.click(5, 5);
  await expect(box.getByRole('listitem')).toHaveCount(10);
  expect(await leave(page)).not.toContain(code);
  await expect(box).toBeHidden();
});

test('makes new recovery codes, to be copied and downloaded', async ({ signedInAs, newUser, database }) => {
  const person = await newUser(null);
  const { codes } = await insertApp(database, person);
  const page = await signedInAs(person);
  await page.goto(ACCOUNT_PAGE);
  await page.getByRole('button', { name: 'Make new codes' }).click();
  const asking = page.getByRole('dialog', { name: 'Make new recovery codes' });
  await asking.getByRole('button', { name: 'Make new codes' }).click();
  const box = page.getByRole('dialog', { name: 'Your recovery codes' });
  await expect(box).toBeVisible();
  const downloading = page.waitForEvent('download');
  await box.getByRole('button', { name: 'Download' }).click();
  const file = await (await downloading).createReadStream();
  const text = (await file.toArray()).join('');
  await box.getByRole('button', { name: 'Copy the recovery codes' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text);
  const fresh = await createRecoveryCodes(page);
  expect(text).toBe(`${fresh.join('\n')}\n`);
  expect(fresh.filter((code) => codes.includes(code))).toEqual([]);
});
