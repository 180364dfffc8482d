import type { Page } from '@playwright/test';
import { sql } from 'drizzle-orm';
import { letSmsDaysPass, setSmsPolicy, setSmsUsed } from '#lib/testing/sms.ts';
import { look } from './fixtures/look.ts';
import { codeIn, linkIn } from './fixtures/outbox.ts';
import { expect, test } from './fixtures/own-installation.ts';
import {
  createAccount,
  danishDetails,
  dialog,
  enterCode,
  fillNewAccount,
  findAccount,
  focusToast,
  LIST,
  openEditor,
  receive,
  shownKey,
  someDetails,
  TEXT_MESSAGES,
} from './fixtures/pages.ts';

test.describe.configure({ mode: 'default' });

const PER_DAY = 'Texts a day, for all accounts together';
const PER_ACCOUNT = 'Texts a day, for each account';
const save = { name: 'Save', exact: true };

/** Opens the page, and resolves when it is alive: what is typed before that would be mixed with what was there. */
async function openRules(page: Page): Promise<void> {
  await page.goto(TEXT_MESSAGES);
  await expect(page.getByRole('button', save)).toBeEnabled();
}

test.beforeEach(({ database }) =>
  database.execute(sql`truncate text_rules, text_counts`).then(() => undefined),
);

test('the page has its defaults, and what is saved holds at once and stays', async ({
  administrator: page,
  outbox,
}) => {
  await page.goto(LIST);
  await page
    .getByRole('navigation', { name: 'Settings' })
    .getByRole('link', { name: 'Text messages' })
    .click();
  await expect(page.getByRole('heading', { name: 'Text messages', level: 1 })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Text messages' })).toHaveAttribute('aria-current', 'page');
  await expect(page.getByLabel(PER_DAY)).toHaveValue('200');
  await expect(page.getByLabel(PER_ACCOUNT)).toHaveValue('20');
  await expect(page.getByRole('meter', { name: 'Today’s texts' })).toHaveAccessibleName('Today’s texts');
  await expect(page.getByText('0 of today’s 200 texts are used.')).toBeVisible();
  const own = page.getByRole('checkbox', { name: 'United Kingdom +44' });
  await expect(own).toBeChecked();
  await expect(own).toBeDisabled();
  await expect(page.getByRole('checkbox').nth(1)).not.toBeChecked();

  // By the keyboard alone, and Enter in the search saves nothing.
  await page.getByLabel('Search countries').focus();
  await page.keyboard.type('denm');
  await expect(page.getByText('1 country found.')).toBeVisible();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await expect(page.getByRole('checkbox', { name: 'Denmark +45' })).toBeChecked();
  await page.getByLabel(PER_DAY).fill('1,000');
  await page.keyboard.press('Enter');
  await expect(page.getByText('The rules for texts were saved')).toBeVisible();
  await expect(page.getByText('At most 1,000 texts a day, 20 for each account.')).toBeVisible();

  await page.reload();
  await expect(page.getByLabel(PER_DAY)).toHaveValue('1000');
  await expect(page.getByRole('checkbox').nth(1)).toHaveAccessibleName('Denmark +45');
  await expect(page.getByRole('checkbox').nth(1)).toBeChecked();
  await receive(outbox, await createAccount(page, danishDetails()));
});

test('a ceiling that is none is told at its field, and nothing typed is lost', async ({
  administrator: page,
}) => {
  await openRules(page);
  await page.getByRole('checkbox', { name: 'Albania' }).check();
  await page.getByLabel(PER_DAY).fill('100001');
  await page.getByLabel(PER_ACCOUNT).fill('5');
  await page.getByRole('button', save).click();
  await expect(page.locator('form').getByRole('alert')).toHaveText(
    'Enter a whole number from 0 to 100,000. With 0, no text is sent.',
  );
  await expect(page.getByLabel(PER_DAY)).toBeFocused();
  await expect(page.getByLabel(PER_DAY)).toHaveValue('100001');
  await expect(page.getByLabel(PER_ACCOUNT)).toHaveValue('5');
  await expect(page.getByRole('checkbox', { name: 'Albania' })).toBeChecked();
});

test('two who save at once do not overwrite each other', async ({
  administrator: first,
  openPage,
  administratorCookies,
}) => {
  const second = await openPage(administratorCookies);
  await openRules(first);
  await openRules(second);
  await first.getByLabel(PER_DAY).fill('500');
  await first.getByRole('checkbox', { name: 'Norway' }).check();
  await first.getByRole('button', save).click();
  await expect(first.getByText('The rules for texts were saved')).toBeVisible();
  await second.getByLabel(PER_DAY).fill('50');
  await second.getByRole('checkbox', { name: 'Denmark' }).check();
  await second.getByRole('button', save).click();
  const notice = second.getByRole('alert').filter({ hasText: 'changed these rules after you opened them' });
  await expect(notice).toContainText('Saved now: 500');
  await expect(notice).toContainText('In this form: 50');
  await expect(notice).toContainText('Saved now: Norway ticked');
  await expect(notice).toContainText('In this form: Denmark ticked');
  await expect(second.getByLabel(PER_DAY)).toHaveValue('50');
  await expect(second.getByRole('checkbox', { name: 'Norway' })).toBeChecked();
  await second.getByRole('button', save).click();
  await expect(second.getByText('Besides your own country: Denmark, Norway.')).toBeVisible();
  await expect(notice).toHaveCount(0);
});

test('from 80 % on, administrators are warned above their list, and viewers are not', async ({
  administrator: page,
  viewer,
  database,
}) => {
  await setSmsUsed(database, 159);
  await page.goto(LIST);
  await expect(page.getByRole('heading', { name: 'API Accounts' })).toBeVisible();
  await expect(page.getByText('of today’s 200 texts')).toHaveCount(0);
  await setSmsUsed(database, 160);
  await page.reload();
  await expect(page.getByText('160 of today’s 200 texts are used')).toBeVisible();
  await expect(page.getByText('40 are left until midnight UTC')).toBeVisible();
  await page.getByRole('link', { name: 'Settings › Text messages' }).click();
  await expect(page.getByRole('meter')).toHaveAttribute('aria-valuenow', '160');
  await viewer.goto(LIST);
  await expect(viewer.getByRole('heading', { name: 'API Accounts' })).toBeVisible();
  await expect(viewer.getByText('of today’s 200 texts')).toHaveCount(0);
  await expect(viewer.getByRole('link', { name: 'Text messages' })).toHaveCount(0);
  await viewer.goto(TEXT_MESSAGES);
  await expect(viewer.getByText('you need the role Settings Administrator')).toBeVisible();
  await expect(viewer.getByRole('button', save)).toHaveCount(0);
});

test('a number of a country that is not ticked is refused at its field, with the way on', async ({
  administrator: page,
  database,
}) => {
  await page.goto(LIST);
  const details = danishDetails();
  const box = await fillNewAccount(page, details);
  await box.getByRole('button', { name: 'Create API Account' }).click();
  await expect(box.getByRole('alert')).toContainText(
    'Texts to Denmark are not switched on. Choose another number, or tick Denmark under Settings › Text messages',
  );
  await expect(box.getByRole('link', { name: 'Settings › Text messages' })).toHaveAttribute(
    'href',
    TEXT_MESSAGES,
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

  // Switched off again, the account can still be unticked.
  await setSmsPolicy(database, {});
  const editor = await openEditor(page, details);
  await editor.getByLabel('This API account is active').uncheck();
  await editor.getByRole('button', save).click();
  await expect(editor).toBeHidden();
  await expect(await findAccount(page, details.username)).toContainText('Inactive');
});

test('with the ceiling reached, the account is there, the email goes out, and the screen says what to do', async ({
  administrator: page,
  openPage,
  outbox,
  database,
}) => {
  await setSmsPolicy(database, { perDay: 200 });
  await setSmsUsed(database, 200);
  await page.goto(LIST);
  await expect(page.getByText('All of today’s 200 texts are used')).toBeVisible();
  await expect(page.getByText('Texts start again at midnight UTC.')).toBeVisible();
  const details = await createAccount(page);
  await expect(page.getByText(`${details.username} was created, but no text was sent`).first()).toBeVisible();
  const mail = await outbox.nextEmailTo(details.email);
  const row = await findAccount(page, details.username);
  await expect(row).toContainText(
    'The text was not sent: The ceiling of 200 texts a day (in UTC) for all accounts together was reached.',
  );
  await row.getByRole('button', { name: 'Reset API Key' }).click();
  await dialog(page, 'Reset API Key').getByRole('button', { name: 'Reset API Key' }).click();
  await expect(page.getByText('was reset, but no text was sent').first()).toBeVisible();
  expect(outbox.waitingFor(details.phone)).toEqual([]);

  await test.step('the page lists it, and leads to the account', async () => {
    await page.goto(TEXT_MESSAGES);
    const refused = page
      .getByRole('table', { name: 'Refused texts' })
      .getByRole('row')
      .filter({ hasText: details.username });
    await expect(refused).toHaveCount(2);
    await expect(refused.first()).toContainText(`…${details.phone.slice(-3)}, United Kingdom`);
    await expect(refused.first()).not.toContainText(details.phone);
    await expect(page.getByText('2 refused today.')).toBeVisible();
    await refused.first().getByRole('link', { name: details.username }).click();
    await expect(dialog(page, 'Edit API Account').getByLabel('Email address')).toHaveValue(details.email);
  });

  await test.step('the integrator is told, and gets a code once texts go out again', async () => {
    const second = await outbox.nextEmailTo(details.email);
    expect(second.text).not.toBe(mail.text);
    const integrator = await openPage();
    await integrator.goto(linkIn(second));
    await expect(integrator.getByText('The text with your code was not sent')).toBeVisible();
    await letSmsDaysPass(database, 1);
    await database.execute(sql`update reveals set code_issued_at = code_issued_at - interval '31 seconds'`);
    await integrator.reload();
    await integrator.getByRole('button', { name: 'Text me a new code' }).click();
    await expect(integrator.getByText(/A new code is on its way/)).toBeVisible();
    await enterCode(integrator, codeIn(await outbox.nextTextTo(details.phone)));
    await shownKey(integrator);
  });
});

test('a new code that may not go out is not promised, and the one before stays good', async ({
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
  await setSmsPolicy(database, { perAccountPerDay: 1 });
  const page = await openPage();
  await page.goto(link);
  await page.getByRole('button', { name: 'Text me a new code' }).click();
  await expect(page.locator('form').getByRole('alert')).toContainText('No new code was sent');
  await expect(page.locator('form').getByRole('alert')).toContainText('Your last code is as good as before.');
  await expect(page.getByText('is on its way')).toHaveCount(0);
  await expect(page.getByText('5 new codes left.')).toBeVisible();
  // Nothing is wrong as long as that code is good.
  await expect(await findAccount(administrator, details.username)).not.toContainText('was not sent');
  await enterCode(page, code);
  await shownKey(page);
});

test.describe('fits every width and passes axe in every colour scheme', () => {
  test.use({ contextOptions: { viewport: { width: 360, height: 800 }, reducedMotion: 'reduce' } });

  test('text messages near and at their limit, and refused', async ({
    administrator: page,
    database,
  }, testInfo) => {
    const see = (state: string) => look(page, testInfo, state);
    await setSmsPolicy(database, { countries: ['DK', 'NO'], perDay: 200 });
    await setSmsUsed(database, 160);
    for (const path of [LIST, TEXT_MESSAGES]) {
      await page.goto(path);
      await expect(page.getByText('160 of today’s 200 texts are used').first()).toBeVisible();
      await see(`${path}, near the limit`);
    }
    await setSmsUsed(database, 200);
    const details = await createAccount(page, someDetails('A company with quite a long name'));
    const toast = page.getByText('but no text was sent').first();
    await expect(toast).toBeVisible();
    await focusToast(page);
    await see('the toast');
    await expect(toast).toBeVisible();
    await page.goto(`${LIST}?search=${encodeURIComponent(details.username)}`);
    await see('the list, limit reached');
    await openRules(page);
    await setSmsPolicy(database, { countries: ['SE'], perDay: 300 });
    await database.execute(sql`update text_rules set version = version + 1`);
    await page.getByLabel(PER_DAY).fill('100');
    await expect(page.getByText('once you save this, no more go out')).toBeVisible();
    await see('a consequence');
    await page.getByRole('button', save).click();
    await expect(page.getByText('changed these rules after you opened them')).toBeVisible();
    await see('a conflict');
    await page.goto(LIST);
    const box = await fillNewAccount(page, danishDetails());
    await box.getByRole('button', { name: 'Create API Account' }).click();
    await expect(box.getByRole('alert')).toBeVisible();
    await see('a country that is not allowed');
  });
});
