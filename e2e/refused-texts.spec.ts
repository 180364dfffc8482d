import { sql } from 'drizzle-orm';
import { letTextDaysPass, setTextRules, setTextsUsed } from '#lib/testing/texts.ts';
import { codeIn, linkIn } from './fixtures/outbox.ts';
import { expect, test } from './fixtures/own-stagedoor.ts';
import {
  createAccount,
  dialog,
  enterCode,
  fillNewAccount,
  findAccount,
  LIST,
  openEditor,
  receive,
  shownKey,
  someDanishDetails,
  TEXT_MESSAGES,
} from './fixtures/pages.ts';

test.describe.configure({ mode: 'default' });

const save = { name: 'Save', exact: true };

test.beforeEach(({ database }) =>
  database.execute(sql`truncate text_rules, text_counts`).then(() => undefined),
);

test('a number of a country that is not ticked is refused at its field, with the way on', async ({
  administrator: page,
  database,
}) => {
  await page.goto(LIST);
  const details = someDanishDetails();
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
  await setTextRules(database, { countries: ['DK'] });
  await box.getByRole('button', { name: 'Create API Account' }).click();
  await expect(box).toBeHidden();

  // Switched off again, the account can still be unticked.
  await setTextRules(database, {});
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
  await setTextRules(database, { perDay: 200 });
  await setTextsUsed(database, 200);
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
    await letTextDaysPass(database, 1);
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
  outbox,
  database,
}) => {
  const details = await createAccount(administrator);
  const { link, code } = await receive(outbox, details);
  await database.execute(
    sql`update reveals set code_issued_at = code_issued_at - interval '31 seconds' where email = ${details.email}`,
  );
  await setTextRules(database, { perAccountPerDay: 1 });
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
