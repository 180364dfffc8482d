import { sql } from 'drizzle-orm';
import { acceptMessage, reportDelivery } from '#lib/testing/messages.ts';
import { codeIn } from './fixtures/outbox.ts';
import {
  dialog,
  enterCode,
  entriesIn,
  findAccount,
  openEditor,
  receive,
  shownKey,
} from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';
import { backdateKeyDelivery, messageStates } from './fixtures/timeline.ts';

test('an administrator watches a hand-over as it happens, without reloading', async ({
  administrator: page,
  apiAccount,
  openPage,
  database,
  verify,
}) => {
  const details = await apiAccount();
  const box = await openEditor(page, details);
  const entries = entriesIn(box);
  await expect(box.getByRole('tab', { name: 'Hand-over' })).toHaveAttribute('aria-selected', 'true');
  await expect(entries.first()).toContainText('Started: First administrator created the account');
  await expect(entries.filter({ hasText: 'Email written to the outbox' })).toBeVisible();
  await expect(entries.filter({ hasText: 'Text written to the outbox' })).toBeVisible();
  // What is typed meanwhile stays, and so does the keyboard's place.
  const limit = box.getByLabel('Requests per minute');
  await limit.fill('12');

  const integrator = await openPage();
  await integrator.goto(details.link);
  const opened = entries.filter({ hasText: 'Link opened' });
  await expect(opened).toContainText('Probably by a mail scanner');
  await integrator.mouse.move(100, 100);
  await integrator.mouse.move(200, 200);
  await expect(opened).not.toContainText('mail scanner');
  const wrong = String((Number(details.code) + 1) % 1_000_000).padStart(6, '0');
  await enterCode(integrator, wrong);
  await expect(entries.filter({ hasText: 'Wrong code entered' })).toBeVisible();
  await enterCode(integrator, details.code);
  const key = await shownKey(integrator);
  await expect(entries.filter({ hasText: 'API key shown' })).toBeVisible();
  await expect(box.getByText('Done: the API key was shown')).toBeVisible();
  await expect(box.getByRole('status').filter({ hasText: 'API key shown' })).toBeAttached();
  expect((await verify(key)).status).toBe(200);
  await expect(entries.last()).toContainText('API key used for the first time');
  await expect(limit).toHaveValue('12');
  await expect(limit).toBeFocused();
  expect(
    await database.$count(sql`link_openings where touched_at is not null and reveal_id =
    (select reveal_id from api_accounts where username = ${details.username})`),
  ).toBe(1);
});

test('both are sent again by keyboard, once each, and the code before is dead', async ({
  administrator: page,
  apiAccount,
  openPage,
  outbox,
  database,
}) => {
  const details = await apiAccount();
  await receive(outbox, details);
  const box = await openEditor(page, details);
  const both = box.getByRole('button', { name: 'Send both again' });
  await expect(both).toHaveAttribute('aria-disabled', 'true');
  await expect(both).toHaveAccessibleDescription(/Email: can be sent again in \d+ s/);
  await backdateKeyDelivery(database, details, '2 minutes');
  await expect(both).not.toHaveAttribute('aria-disabled', 'true');
  await both.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('Email and text on the way again')).toBeVisible();
  await expect(both).toHaveAttribute('aria-disabled', 'true');
  await expect(both).toBeFocused();
  await page.keyboard.press('Enter');
  const entries = entriesIn(box);
  await expect(entries.filter({ hasText: 'Email and text sent again by First administrator' })).toHaveCount(
    1,
  );
  const email = await outbox.nextEmailTo(details.email);
  expect(email.text).toContain(details.link);
  const code = codeIn(await outbox.nextTextTo(details.phone));
  await expect(entries.filter({ hasText: 'written to the outbox' })).toHaveCount(4);
  const integrator = await openPage();
  await integrator.goto(details.link);
  await enterCode(integrator, details.code === code ? 'x' : details.code);
  await expect(integrator.getByLabel('Authentication code')).toHaveAttribute('aria-invalid', 'true');
  await enterCode(integrator, code);
  await shownKey(integrator);
});

test('a part that has to wait is told apart from the part that went out', async ({
  administrator: page,
  apiAccount,
  outbox,
  database,
}) => {
  const details = await apiAccount();
  await receive(outbox, details);
  const box = await openEditor(page, details);
  await backdateKeyDelivery(database, details, '40 seconds');
  await expect(box.getByRole('button', { name: 'Send text again' })).not.toHaveAttribute(
    'aria-disabled',
    'true',
  );
  await expect(box.getByRole('button', { name: 'Send email again' })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  await box.getByRole('button', { name: 'Send both again' }).click();
  await expect(page.getByText('Text on the way again')).toBeVisible();
  await expect(page.getByText(/The last email went out a moment ago: try again in \d+ s/)).toBeVisible();
  await outbox.nextTextTo(details.phone);
});

test('an email that came back is seen in the list, and sent again from there in two clicks', async ({
  administrator: page,
  apiAccount,
  outbox,
  database,
}) => {
  const details = await apiAccount();
  await receive(outbox, details);
  await expect.poll(() => messageStates(database, details.id)).toEqual(['sent', 'sent']);
  const messageId = await acceptMessage(database, details.id, 'email', 'resend');
  await reportDelivery(database, messageId, 'bounced', { reason: 'There is no such mailbox.' });
  await backdateKeyDelivery(database, details, '2 minutes');
  const row = await findAccount(page, details.username);
  await expect(row).toContainText('The email came back: There is no such mailbox.');
  await row.getByRole('button', { name: 'See and send again' }).click();
  const box = dialog(page, 'Edit API Account');
  await expect(box.getByText('Email came back. There is no such mailbox.')).toBeVisible();
  await box.getByRole('button', { name: 'Send email again' }).click();
  await expect(page.getByText('Email on the way again')).toBeVisible();
  await outbox.nextEmailTo(details.email);
  await page.keyboard.press('Escape');
  await expect(row).not.toContainText('came back');
});

test('a correction starts the hand-over anew, and the one before is kept', async ({
  administrator: page,
  apiAccount,
  outbox,
}) => {
  const details = await apiAccount();
  await receive(outbox, details);
  let box = await openEditor(page, details);
  const email = `right-${details.email}`;
  await box.getByLabel('Email address').fill(email);
  await box.getByRole('button', { name: 'Save' }).click();
  await expect(box).toBeHidden();
  await outbox.nextEmailTo(email);
  box = await openEditor(page, { ...details, email });
  await expect(entriesIn(box).first()).toContainText('corrected the address or the number');
  await box.getByText(/, replaced$/).click();
  await expect(box.getByText('Replaced by a newer link and code')).toBeVisible();
  await expect(box.getByRole('region', { name: 'Hand-over' })).toContainText(details.email);
});

test('a server that does not answer is told, and asked again; an ended session is told once', async ({
  administrator: page,
  apiAccount,
  outbox,
}) => {
  const details = await apiAccount();
  await receive(outbox, details);
  const answers = { status: 503, asked: 0 };
  await page.route('**/timeline', async (route) => {
    answers.asked += 1;
    if (answers.status === 200) return route.continue();
    await route.fulfill({ status: answers.status, json: {} });
  });
  const box = await openEditor(page, details);
  await expect(box.getByRole('alert')).toContainText('does not answer');
  await box.getByLabel('Requests per minute').fill('9');
  answers.status = 200;
  await expect(entriesIn(box).first()).toContainText('Started');
  await expect(box.getByRole('alert')).toHaveCount(0);
  answers.status = 401;
  await expect(box.getByRole('alert')).toContainText('Your session has ended');
  const { asked } = answers;
  await expect(entriesIn(box).first()).toBeVisible();
  answers.status = 200;
  await box.getByRole('button', { name: 'Try again' }).click();
  await expect(box.getByRole('alert')).toHaveCount(0);
  expect(answers.asked).toBe(asked + 1);
  await expect(box.getByLabel('Requests per minute')).toHaveValue('9');
});
