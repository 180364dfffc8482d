import type { Page } from '@playwright/test';
import { sql } from 'drizzle-orm';
import { letSmsDaysPass, setQueuedSmsCount, setSmsPolicy } from '#lib/testing/sms.ts';
import { checkAppearance, SMALL_VIEWPORT } from './fixtures/appearance.ts';
import { findCode, findLink } from './fixtures/outbox.ts';
import { expect, test } from './fixtures/own-installation.ts';
import {
  ACCOUNTS_PATH,
  createAccount,
  createDanishDetails,
  createDetails,
  enterCode,
  fillNewAccount,
  findAccount,
  focusToast,
  getDialog,
  openEditor,
  readShownKey,
  receiveKeyDelivery,
  TEXT_MESSAGES_PATH,
} from './fixtures/pages.ts';

// The tests share one SMS policy, so they run one after the other.
test.describe.configure({ mode: 'default' });

const PER_DAY = 'Daily limit, all accounts';
const PER_ACCOUNT = 'Daily limit per account';
const SAVE_BUTTON = { name: 'Save', exact: true };

/** Opens the page, and waits until React has hydrated it. Input before that would be mixed with the defaults. */
async function openSmsPolicy(page: Page): Promise<void> {
  await page.goto(TEXT_MESSAGES_PATH);
  await expect(page.getByRole('button', SAVE_BUTTON)).toBeEnabled();
}

test.beforeEach(({ database }) =>
  database.execute(sql`truncate sms_policy, sms_counts`).then(() => undefined),
);

test.describe('text messages page', () => {
  test('shows the defaults, and applies saved limits immediately', { tag: '@soak' }, async ({
    administrator: page,
    outbox,
  }) => {
    await page.goto(ACCOUNTS_PATH);
    await page
      .getByRole('navigation', { name: 'Settings' })
      .getByRole('link', { name: 'Text messages' })
      .click();
    await expect(page.getByRole('heading', { name: 'Text messages', level: 1 })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Text messages' })).toHaveAttribute('aria-current', 'page');
    await expect(page.getByLabel(PER_DAY)).toHaveValue('200');
    await expect(page.getByLabel(PER_ACCOUNT)).toHaveValue('20');
    await expect(page.getByRole('meter', { name: 'Today’s texts' })).toHaveAccessibleName('Today’s texts');
    await expect(page.getByText('0 of 200 texts used today.')).toBeVisible();
    const ownCountry = page.getByRole('checkbox', { name: 'United Kingdom +44' });
    await expect(ownCountry).toBeChecked();
    await expect(ownCountry).toBeDisabled();
    await expect(page.getByRole('checkbox').nth(1)).not.toBeChecked();

    // Uses only the keyboard. Enter in the search does not save.
    await page.getByLabel('Search countries').focus();
    await page.keyboard.type('denm');
    await expect(page.getByText('1 country found.')).toBeVisible();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await expect(page.getByRole('checkbox', { name: 'Denmark +45' })).toBeChecked();
    await page.getByLabel(PER_DAY).fill('1,000');
    await page.keyboard.press('Enter');
    await expect(page.getByText('Text message settings saved')).toBeVisible();
    await expect(page.getByText('Up to 1,000 texts a day, 20 per account.')).toBeVisible();

    await page.reload();
    await expect(page.getByLabel(PER_DAY)).toHaveValue('1000');
    await expect(page.getByRole('checkbox').nth(1)).toHaveAccessibleName('Denmark +45');
    await expect(page.getByRole('checkbox').nth(1)).toBeChecked();
    await receiveKeyDelivery(outbox, await createAccount(page, createDanishDetails()));
  });

  test('does not overwrite the limits that another administrator has saved', { tag: '@soak' }, async ({
    administrator: first,
    openPage,
    administratorCookies,
  }) => {
    const second = await openPage(administratorCookies);
    await openSmsPolicy(first);
    await openSmsPolicy(second);
    await first.getByLabel(PER_DAY).fill('500');
    await first.getByRole('checkbox', { name: 'Norway' }).check();
    await first.getByRole('button', SAVE_BUTTON).click();
    await expect(first.getByText('Text message settings saved')).toBeVisible();
    await second.getByLabel(PER_DAY).fill('50');
    await second.getByRole('checkbox', { name: 'Denmark' }).check();
    await second.getByRole('button', SAVE_BUTTON).click();
    const notice = second
      .getByRole('alert')
      .filter({ hasText: 'changed these settings while you had them open' });
    await expect(notice).toContainText('Theirs: 500');
    await expect(notice).toContainText('Yours: 50');
    await expect(notice).toContainText('Theirs: Norway turned on');
    await expect(notice).toContainText('Yours: Denmark turned on');
    await expect(second.getByLabel(PER_DAY)).toHaveValue('50');
    await expect(second.getByRole('checkbox', { name: 'Norway' })).toBeChecked();
    await second.getByRole('button', SAVE_BUTTON).click();
    await expect(second.getByText('Countries: your own and Denmark, Norway.')).toBeVisible();
    await expect(notice).toHaveCount(0);
  });

  test('warns administrators from 80% of the limit, but not viewers', { tag: '@soak' }, async ({
    administrator: page,
    viewer,
    database,
  }) => {
    await setQueuedSmsCount(database, 159);
    await page.goto(ACCOUNTS_PATH);
    await expect(page.getByRole('heading', { name: 'API Accounts' })).toBeVisible();
    await expect(page.getByText('of 200 texts used today')).toHaveCount(0);
    await setQueuedSmsCount(database, 160);
    await page.reload();
    await expect(page.getByText('160 of 200 texts used today')).toBeVisible();
    // In the organisation's time zone, not in the browser's.
    await expect(
      page.getByText('40 left today. After that, no texts are sent until 00:00 UTC.'),
    ).toBeVisible();
    await page.getByRole('main').getByRole('link', { name: 'Text messages' }).click();
    await expect(page.getByRole('meter')).toHaveAttribute('aria-valuenow', '160');
    await viewer.goto(ACCOUNTS_PATH);
    await expect(viewer.getByRole('heading', { name: 'API Accounts' })).toBeVisible();
    await expect(viewer.getByText('of 200 texts used today')).toHaveCount(0);
    await expect(viewer.getByRole('link', { name: 'Text messages' })).toHaveCount(0);
    await viewer.goto(TEXT_MESSAGES_PATH);
    await expect(viewer.getByText('Only a Settings Administrator can view this page')).toBeVisible();
    await expect(viewer.getByRole('button', SAVE_BUTTON)).toHaveCount(0);
  });

  test('shows a field error for a number of a country that is not allowed', { tag: '@soak' }, async ({
    administrator: page,
    database,
  }) => {
    await page.goto(ACCOUNTS_PATH);
    const details = createDanishDetails();
    const box = await fillNewAccount(page, details);
    await box.getByRole('button', { name: 'Create API Account' }).click();
    await expect(box.getByRole('alert')).toContainText(
      'Texts to Denmark are turned off. Use another number, or turn Denmark on in Text messages',
    );
    await expect(box.getByRole('link', { name: 'Text messages' })).toHaveAttribute(
      'href',
      TEXT_MESSAGES_PATH,
    );
    await expect(box.getByLabel('Phone number')).toBeFocused();
    for (const [field, value] of [
      ['Username', details.username],
      ['Email address', details.email],
      ['Phone number', details.phone],
    ] as const) {
      await expect(box.getByLabel(field)).toHaveValue(value);
    }
    await setSmsPolicy(database, { countries: ['DK'] });
    await box.getByRole('button', { name: 'Create API Account' }).click();
    await expect(box).toBeHidden();

    // The account can be deactivated, although its country is not allowed any more.
    await setSmsPolicy(database, {});
    const editor = await openEditor(page, details);
    await editor.getByLabel('This API account is active').uncheck();
    await editor.getByRole('button', SAVE_BUTTON).click();
    await expect(editor).toBeHidden();
    await expect(await findAccount(page, details.username)).toContainText('Inactive');
  });

  test('creates the account and sends the email if the limit is reached, and shows what to do', {
    tag: '@soak',
  }, async ({ administrator: page, openPage, outbox, database }) => {
    await setSmsPolicy(database, { perDay: 200 });
    await setQueuedSmsCount(database, 200);
    await page.goto(ACCOUNTS_PATH);
    await expect(page.getByText('Today’s limit of 200 texts has been reached')).toBeVisible();
    await expect(page.getByText('Texts resume at 00:00 UTC.')).toBeVisible();
    const details = await createAccount(page);
    await expect(
      page.getByText(`${details.username} created, but the text wasn’t sent`).first(),
    ).toBeVisible();
    const email = await outbox.waitForEmail(details.email);
    const row = await findAccount(page, details.username);
    await expect(row).toContainText('Text not sent: the daily limit of 200 was reached.');
    await row.getByRole('button', { name: 'Reset API Key' }).click();
    await getDialog(page, 'Reset API Key').getByRole('button', { name: 'Reset API Key' }).click();
    await expect(page.getByText(/^API key reset for .*, but the text wasn’t sent$/).first()).toBeVisible();
    expect(outbox.listUnread(details.phone)).toEqual([]);

    await test.step('lists the blocked SMS, with a link to the account', async () => {
      await page.goto(TEXT_MESSAGES_PATH);
      const blocked = page
        .getByRole('table', { name: 'Blocked texts' })
        .getByRole('row')
        .filter({ hasText: details.username });
      await expect(blocked).toHaveCount(2);
      await expect(blocked.first()).toContainText(`…${details.phone.slice(-3)}, United Kingdom`);
      await expect(blocked.first()).not.toContainText(details.phone);
      await expect(page.getByText('2 blocked today.')).toBeVisible();
      await blocked.first().getByRole('link', { name: details.username }).click();
      await expect(page.getByLabel('Email address')).toHaveValue(details.email);
    });

    await test.step('shows the integrator that no code was sent, and sends one the next day', async () => {
      const second = await outbox.waitForEmail(details.email);
      expect(second.text).not.toBe(email.text);
      const integrator = await openPage();
      await integrator.goto(findLink(second));
      await expect(integrator.getByText('Your code couldn’t be sent')).toBeVisible();
      await expect(integrator.getByText('You can request a code from 05:45 GMT+5:45 on')).toBeVisible();
      await letSmsDaysPass(database, 1);
      await database.execute(sql`update reveals set code_issued_at = code_issued_at - interval '31 seconds'`);
      await integrator.reload();
      await integrator.getByRole('button', { name: 'Text me a new code' }).click();
      await expect(integrator.getByText(/We’re texting a new code/)).toBeVisible();
      await enterCode(integrator, findCode(await outbox.waitForSms(details.phone)));
      await readShownKey(integrator);
    });
  });

  test('keeps the previous code valid if the limit forbids a new one', { tag: '@soak' }, async ({
    administrator,
    openPage,
    apiAccount,
    database,
  }) => {
    const details = await apiAccount();
    const { link, code } = details;
    await database.execute(
      sql`update reveals set code_issued_at = code_issued_at - interval '31 seconds' where email = ${details.email}`,
    );
    const page = await openPage();
    await page.goto(link);
    await expect(page.getByRole('button', { name: 'Text me a new code' })).toBeEnabled();
    await setSmsPolicy(database, { perAccountPerDay: 1 });
    await page.getByRole('button', { name: 'Text me a new code' }).click();
    await expect(page.locator('form').getByRole('alert')).toContainText('We can’t text you right now');
    await expect(page.locator('form').getByRole('alert')).toContainText('your last code still works');
    await expect(page.getByText('We’re texting a new code')).toHaveCount(0);
    await expect(page.getByText('You can request another from 05:45').first()).toBeVisible();
    await expect(page.getByRole('button', { name: 'Text me a new code' })).toBeDisabled();
    // The list shows no problem while the previous code is valid.
    await expect(await findAccount(administrator, details.username)).not.toContainText('not sent');
    await enterCode(page, code);
    await readShownKey(page);
  });
});

test.describe('fits every width and passes axe', () => {
  test.use(SMALL_VIEWPORT);

  test(
    'text messages near and at their limit, and blocked',
    { tag: '@soak' },
    async ({ administrator: page, database }, testInfo) => {
      const check = (state: string) => checkAppearance(page, testInfo, state);
      await setSmsPolicy(database, { countries: ['DK', 'NO'], perDay: 200 });
      await setQueuedSmsCount(database, 160);
      for (const path of [ACCOUNTS_PATH, TEXT_MESSAGES_PATH]) {
        await page.goto(path);
        await expect(page.getByText('160 of 200 texts used today').first()).toBeVisible();
        await check(`${path}, near the limit`);
      }
      await setQueuedSmsCount(database, 200);
      const details = await createAccount(page, createDetails('A company with quite a long name'));
      const toast = page.getByText('but the text wasn’t sent').first();
      await expect(toast).toBeVisible();
      await focusToast(page);
      await check('the toast');
      await expect(toast).toBeVisible();
      await page.goto(`${ACCOUNTS_PATH}?search=${encodeURIComponent(details.username)}`);
      await check('the list, limit reached');
      await openSmsPolicy(page);
      // Simulates that another administrator saves: `setSmsPolicy` keeps the version.
      await setSmsPolicy(database, { countries: ['SE'], perDay: 300 });
      await database.execute(sql`update sms_policy set version = version + 1`);
      await page.getByLabel(PER_DAY).fill('100');
      await expect(page.getByText('If you save this, no more will be sent until 00:00 UTC.')).toBeVisible();
      await check('a consequence');
      await page.getByRole('button', SAVE_BUTTON).click();
      await expect(page.getByText('changed these settings while you had them open')).toBeVisible();
      await check('a conflict');
      await page.goto(ACCOUNTS_PATH);
      const box = await fillNewAccount(page, createDanishDetails());
      await box.getByRole('button', { name: 'Create API Account' }).click();
      await expect(box.getByRole('alert')).toBeVisible();
      await check('a country that is not allowed');
    },
  );
});
