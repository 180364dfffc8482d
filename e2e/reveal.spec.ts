import { sql } from 'drizzle-orm';
import { makeWrongCode } from '#lib/testing/accounts.ts';
import {
  containsKey,
  createAccount,
  enterCode,
  findAccount,
  readShownKey,
  receiveKeyDelivery,
} from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

test.describe('reveal page', () => {
  test('shows the key for the correct code, and then the status Active', async ({
    administrator,
    openPage,
    outbox,
    verify,
  }) => {
    const details = await createAccount(administrator);
    const delivery = await receiveKeyDelivery(outbox, details);
    const page = await openPage();
    await page.goto(delivery.link);
    await expect(page.getByText('Northwind Traders').first()).toBeVisible();
    await expect(page.getByText(new RegExp(`${details.phone.slice(-3)}\\b`)).first()).toBeVisible();
    await expect(page.locator('body')).not.toContainText(details.phone);
    await expect(page.locator('body')).not.toContainText(details.username);
    const code = page.getByLabel('Authentication code');
    await expect(code).toHaveAttribute('autocomplete', 'one-time-code');
    await expect(code).toHaveAttribute('inputmode', 'numeric');
    await enterCode(page, delivery.code);
    const key = await readShownKey(page);
    await expect(page.getByText(details.username).first()).toBeVisible();
    await expect(page.getByText('You won’t see them again.').first()).toBeVisible();
    await page.getByRole('button', { name: 'Copy API key' }).click();
    await expect(page.getByText('Copied').first()).toBeVisible();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key);
    await page.getByRole('button', { name: 'Copy username' }).click();
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(details.username);
    expect(await verify(key)).toMatchObject({ status: 200, username: details.username });
    expect(await verify(key, details.username)).toMatchObject({ status: 200 });
    expect(await verify(key, 'Someone else')).toMatchObject({ status: 401 });
    const row = await findAccount(administrator, details.username);
    await expect(row).toContainText('Active');
  });

  test('focuses the code field, and submits a pasted text message by itself', async ({
    openPage,
    apiAccount,
  }) => {
    const delivery = await apiAccount();
    const page = await openPage();
    await page.goto(delivery.link);
    const { code } = delivery;
    await page.evaluate(
      (text) => navigator.clipboard.writeText(text),
      `Northgate: ${code} is your code to see your API key. Don't share it with anyone.\n@localhost #${code}`,
    );
    await expect(page.getByLabel('Authentication code')).toBeFocused();
    await page.keyboard.press('ControlOrMeta+V');
    await readShownKey(page);
  });

  test('submits six typed digits by itself, but not the same wrong code twice', async ({
    openPage,
    apiAccount,
    database,
  }) => {
    const delivery = await apiAccount();
    const page = await openPage();
    await page.clock.install();
    await page.goto(delivery.link);
    const code = page.getByLabel('Authentication code');
    const readAttempts = async () =>
      (await database.execute(sql`select link_attempts from reveals where email = ${delivery.email}`)).rows;
    const wrongCode = makeWrongCode(delivery.code);
    await expect(code).toBeFocused();
    const response = Promise.withResolvers<void>();
    await page.route('/reveal', async (route) => {
      if (route.request().postData()?.includes(wrongCode)) await response.promise;
      await route.continue();
    });
    await page.keyboard.type(wrongCode);
    await page.clock.runFor(1_000);
    // Entered before the response, so it waits for that.
    const otherWrongCode = makeWrongCode(delivery.code, 2);
    await code.fill(otherWrongCode);
    await page.clock.runFor(1_000);
    expect(await readAttempts()).toEqual([{ link_attempts: 0 }]);
    response.resolve();
    await expect(page.getByText('That code isn’t right. 4 tries left.')).toBeVisible();
    await page.clock.runFor(1_000);
    await expect(page.getByText('That code isn’t right. 3 tries left.')).toBeVisible();
    await code.fill('');
    await code.fill(otherWrongCode);
    await page.clock.runFor(1_000);
    // A seventh digit is a mistake.
    await code.fill(`${delivery.code}7`);
    await page.clock.runFor(1_000);
    expect(await readAttempts()).toEqual([{ link_attempts: 2 }]);
    await page.keyboard.press('Backspace');
    await page.clock.runFor(1_000);
    await readShownKey(page);
    expect(await readAttempts()).toEqual([{ link_attempts: 3 }]);
  });

  test('submits the code that the browser reads from the text message', async ({ openPage, apiAccount }) => {
    const delivery = await apiAccount();
    const page = await openPage();
    await page.addInitScript((code) => {
      Object.assign(window, { OTPCredential: class {} });
      navigator.credentials.get = async (options) =>
        JSON.stringify(options).includes('{"otp":{"transport":["sms"]}')
          ? ({ code } as unknown as Credential)
          : null;
    }, delivery.code);
    await page.goto(delivery.link);
    await readShownKey(page);
  });

  test('records only the opening of the link, and ignores empty and malformed codes', {
    tag: '@soak',
  }, async ({ openPage, apiAccount, outbox, database }) => {
    const delivery = await apiAccount();
    // Waits until the SMS is sent, because that changes the row of the reveal.
    await receiveKeyDelivery(outbox, delivery);
    const readReveal = async () => {
      const { rows } = await database.execute(sql`select * from reveals where email = ${delivery.email}`);
      const [{ openings, ...others } = {}] = rows;
      return { openings, others };
    };
    const before = await readReveal();
    expect(before.openings).toBe(0);
    const page = await openPage();
    for (const _ of [1, 2, 3]) {
      // `goto` does not reload a page that is already at the same URL with a fragment.
      await page.goto('about:blank');
      await page.goto(delivery.link);
      await expect(page.getByLabel('Authentication code')).toBeVisible();
    }
    for (const malformed of ['', '12345', '1234567', 'abcdef']) {
      await enterCode(page, malformed);
      await expect(page.getByLabel('Authentication code')).toHaveAttribute('aria-invalid', 'true');
    }
    expect(await readReveal()).toEqual({ openings: 3, others: before.others });
    expect(outbox.listUnread(delivery.phone)).toEqual([]);
    await enterCode(page, delivery.code);
    await readShownKey(page);
  });

  test('shows the key again after a lost response, even if the page was reloaded, and not to another browser', {
    tag: '@soak',
  }, async ({ openPage, apiAccount, verify, database }) => {
    const delivery = await apiAccount();
    const page = await openPage();
    let losesResponses = true;
    await page.route('**/reveal', async (route) => {
      const isCode =
        route.request().method() === 'POST' && route.request().postData()?.includes('retrySecret');
      if (!isCode || !losesResponses) return route.continue();
      await route.fetch();
      return route.abort();
    });
    await page.goto(delivery.link);
    await enterCode(page, delivery.code);
    await expect(page.getByText('We couldn’t reach the server.')).toBeVisible();
    const readDigest = async () =>
      (
        await database.execute(
          sql`select encode(key_digest, 'hex') as digest from api_accounts where id = ${delivery.id}`,
        )
      ).rows[0]?.digest;
    const digest = await readDigest();
    expect(digest).not.toBeNull();
    const other = await openPage();
    await other.goto(delivery.link);
    await expect(other.getByRole('heading', { name: 'This link has been used' })).toBeVisible();
    await page.reload();
    await expect(page.getByRole('heading', { name: 'You may not have seen your key yet' })).toBeVisible();
    await page.getByRole('button', { name: 'Show API key' }).click();
    await expect(page.getByText('We couldn’t reach the server.')).toBeVisible();
    losesResponses = false;
    await page.getByRole('button', { name: 'Show API key' }).click();
    const key = await readShownKey(page);
    expect(await verify(key)).toMatchObject({ status: 200, username: delivery.username });
    expect(await readDigest()).toBe(digest);
    expect(await page.evaluate(() => Object.keys(sessionStorage).join())).not.toContain('stagedoor');
  });

  test('offers the key again after a lost response, if a new code is requested instead', {
    tag: '@soak',
  }, async ({ openPage, apiAccount, database }) => {
    const delivery = await apiAccount();
    await database.execute(
      sql`update reveals set code_issued_at = now() - interval '31 seconds' where email = ${delivery.email}`,
    );
    const page = await openPage();
    await page.goto(delivery.link);
    await expect(page.getByLabel('Authentication code')).toBeVisible();
    await page.route('**/reveal', async (route) => {
      if (!route.request().postData()?.includes('retrySecret')) return route.continue();
      await route.fetch();
      await route.fulfill({ status: 502, body: 'Bad gateway' });
      return page.unroute('**/reveal');
    });
    await enterCode(page, delivery.code);
    await expect(page.getByText('We couldn’t reach the server.')).toBeVisible();
    await page.getByRole('button', { name: 'Text me a new code' }).click();
    await expect(page.getByRole('heading', { name: 'You may not have seen your key yet' })).toBeVisible();
    await page.getByRole('button', { name: 'Show API key' }).click();
    await readShownKey(page);
  });

  test('asks to reload if there is no response, and then offers the key', { tag: '@soak' }, async ({
    openPage,
    apiAccount,
  }) => {
    const { link, code } = await apiAccount();
    const page = await openPage();
    await page.clock.install();
    await page.goto(link);
    await expect(page.getByLabel('Authentication code')).toBeVisible();
    const { promise: response, resolve: respond } = Promise.withResolvers<void>();
    await page.route('**/reveal', async (route) => {
      if (!route.request().postData()?.includes('retrySecret')) return route.continue();
      await route.fetch();
      // The response stays on its way.
      return respond();
    });
    await enterCode(page, code);
    await response;
    await page.clock.runFor('00:21');
    await expect(page.getByText('No response yet. Reload this page')).toBeVisible();
    await page.unroute('**/reveal');
    await page.reload();
    await page.getByRole('button', { name: 'Show API key' }).click();
    await readShownKey(page);
  });

  test('shows the key in one of two windows that submit the code at the same time', { tag: '@soak' }, async ({
    openPage,
    apiAccount,
    verify,
  }) => {
    const delivery = await apiAccount();
    const pages = [await openPage(), await openPage()];
    for (const page of pages) await page.goto(delivery.link);
    await Promise.all(pages.map((page) => enterCode(page, delivery.code)));
    for (const page of pages) await expect(page.getByLabel('Authentication code')).toHaveCount(0);
    const shown = await Promise.all(pages.map(containsKey));
    expect(shown.filter(Boolean)).toHaveLength(1);
    const [winner, loser] = shown[0] ? pages : pages.toReversed();
    if (!winner || !loser) throw new Error('two pages were opened');
    await expect(loser.getByRole('heading', { name: 'This link has been used' })).toBeVisible();
    expect((await verify(await readShownKey(winner))).status).toBe(200);
  });
});
