import type { Page } from '@playwright/test';
import { sql } from 'drizzle-orm';
import { makeWrongCode, readCurrentReveal } from '#lib/testing/accounts.ts';
import { acceptMessage, reportDelivery } from '#lib/testing/messages.ts';
import { backdateKeyDelivery, readMessageStates } from './fixtures/key-delivery.ts';
import { findCode } from './fixtures/outbox.ts';
import {
  ACCOUNTS_PATH,
  enterCode,
  findAccount,
  getDialog,
  getTimelineEntries,
  openEditor,
  readShownKey,
  receiveKeyDelivery,
} from './fixtures/pages.ts';
import { expect, test } from './fixtures/test.ts';

/** Lets the page poll immediately: advances its clock, which must be installed, by the longest delay that the tests cause. */
const letPoll = (page: Page) => page.clock.runFor('00:06');

test.describe('timeline', () => {
  test('updates while the integrator collects the key, without a reload', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
    openPage,
    database,
    verify,
  }) => {
    const details = await apiAccount();
    await page.clock.install();
    const box = await openEditor(page, details);
    const entries = getTimelineEntries(box);
    await expect(entries.first()).toContainText('First administrator created the account');
    await expect(entries.filter({ hasText: 'Email not really sent' })).toBeVisible();
    await expect(entries.filter({ hasText: 'Text not really sent' })).toBeVisible();
    await expect(entries.getByRole('link', { name: 'Read it in the outbox' })).toHaveCount(2);
    // The input and the focus stay during the updates.
    const limit = box.getByLabel('Requests per minute');
    await limit.fill('12');

    const integrator = await openPage();
    await integrator.goto(details.link);
    const opened = entries.filter({ hasText: 'Link opened' });
    await letPoll(page);
    await expect(opened).toContainText('Probably an email security scanner');
    await integrator.mouse.move(100, 100);
    await integrator.mouse.move(200, 200);
    await letPoll(page);
    await expect(opened).not.toContainText('security scanner');
    await enterCode(integrator, makeWrongCode(details.code));
    await expect(integrator.getByLabel('Authentication code')).toHaveAttribute('aria-invalid', 'true');
    await letPoll(page);
    await expect(entries.filter({ hasText: 'Wrong code entered' })).toBeVisible();
    await enterCode(integrator, details.code);
    const key = await readShownKey(integrator);
    await letPoll(page);
    await expect(entries.filter({ hasText: 'API key collected' })).toBeVisible();
    await expect(box.getByText('Collected. If the company has lost the key, reset it.')).toBeVisible();
    await expect(box.getByRole('status').filter({ hasText: 'API key collected' })).toBeAttached();
    expect((await verify(key)).status).toBe(200);
    await letPoll(page);
    await expect(entries.last()).toContainText('First request with this key');
    await expect(limit).toHaveValue('12');
    await expect(limit).toBeFocused();
    expect(
      await database.$count(sql`link_openings where touched_at is not null and reveal_id =
    (select reveal_id from api_accounts where username = ${details.username})`),
    ).toBe(1);
  });

  test('resends both messages once by keyboard, and revokes the previous code', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
    openPage,
    outbox,
    database,
  }) => {
    const details = await apiAccount();
    await receiveKeyDelivery(outbox, details);
    const box = await openEditor(page, details);
    const both = box.getByRole('button', { name: 'Resend both' });
    await expect(both).toHaveAttribute('aria-disabled', 'true');
    await expect(both).toHaveAccessibleDescription(/You can resend the email in \d+ seconds?\./);
    await backdateKeyDelivery(database, details, '2 minutes');
    await expect(both).not.toHaveAttribute('aria-disabled', 'true');
    await both.focus();
    await page.keyboard.press('Enter');
    await expect(page.getByText('Email and text resent')).toBeVisible();
    await expect(both).toHaveAttribute('aria-disabled', 'true');
    await expect(both).toBeFocused();
    await page.keyboard.press('Enter');
    const entries = getTimelineEntries(box);
    await expect(entries.filter({ hasText: 'First administrator resent the email and text' })).toHaveCount(1);
    const email = await outbox.waitForEmail(details.email);
    expect(email.text).toContain(details.link);
    const code = findCode(await outbox.waitForSms(details.phone));
    await expect(entries.filter({ hasText: 'not really sent' })).toHaveCount(4);
    const integrator = await openPage();
    await integrator.goto(details.link);
    // The two codes may be equal by chance.
    await enterCode(integrator, details.code === code ? 'x' : details.code);
    await expect(integrator.getByLabel('Authentication code')).toHaveAttribute('aria-invalid', 'true');
    await enterCode(integrator, code);
    await readShownKey(integrator);
  });

  test('reads a code out by phone after a lost response, until the integrator has used it', {
    tag: '@soak',
  }, async ({ administrator: page, apiAccount, openPage, database }) => {
    const details = await apiAccount();
    const box = await openEditor(page, details);
    const button = box.getByRole('button', { name: 'Read the code out by phone…' });
    await button.click();
    const dialog = getDialog(page, 'Read the code out by phone');
    await expect(dialog).toContainText(details.phone);
    const showCode = dialog.getByRole('button', { name: 'Show code' });
    let isLost = false;
    await page.route(`**${ACCOUNTS_PATH}/**`, async (route) => {
      if (isLost || route.request().method() !== 'POST') return route.continue();
      isLost = true;
      await route.fetch();
      await route.abort();
    });
    await showCode.click();
    await expect(dialog.getByRole('alert')).toContainText('Try again within 2 minutes');
    await showCode.click();
    const { code, codeGeneration } = await readCurrentReveal(database, details.id);
    expect(codeGeneration).toBe(2);
    const shownCode = dialog.getByText(`${code.slice(0, 3)} ${code.slice(3)}`);
    await expect(shownCode).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(shownCode).toBeVisible();

    const integrator = await openPage();
    await integrator.goto(details.link);
    await expect(integrator.getByText(/^Your code comes by phone/)).toBeVisible();
    await enterCode(integrator, code);
    await readShownKey(integrator);
    await expect(dialog.getByText('They’ve collected their API key.')).toBeVisible();
    await expect(shownCode).toBeHidden();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await expect(button).toBeFocused();
    await expect(button).toHaveAttribute('aria-disabled', 'true');
    const entries = getTimelineEntries(box);
    await expect(entries.filter({ hasText: 'got a code to read out by phone' })).toHaveCount(1);
  });

  test('distinguishes the message that was resent from the one that has to wait', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
    outbox,
    database,
  }) => {
    const details = await apiAccount();
    await receiveKeyDelivery(outbox, details);
    const box = await openEditor(page, details);
    // A text can be resent after 30 seconds, an email only after 60.
    await backdateKeyDelivery(database, details, '40 seconds');
    await expect(box.getByRole('button', { name: 'Resend text' })).not.toHaveAttribute(
      'aria-disabled',
      'true',
    );
    await expect(box.getByRole('button', { name: 'Resend email' })).toHaveAttribute('aria-disabled', 'true');
    await box.getByRole('button', { name: 'Resend both' }).click();
    await expect(page.getByText('Text resent')).toBeVisible();
    await expect(
      page.getByText(/Earlier codes no longer work\. You can resend the email in \d+ seconds?\./),
    ).toBeVisible();
    await outbox.waitForSms(details.phone);
  });

  test('shows a bounced email in the list, and resends it with one click', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
    outbox,
    database,
  }) => {
    const details = await apiAccount();
    await receiveKeyDelivery(outbox, details);
    await expect.poll(() => readMessageStates(database, details.id)).toEqual(['sent', 'sent']);
    const messageId = await acceptMessage(database, details.id, 'email', 'resend');
    await reportDelivery(database, messageId, 'bounced', { reason: 'There is no such mailbox.' });
    await backdateKeyDelivery(database, details, '2 minutes');
    const row = await findAccount(page, details.username);
    await expect(row).toContainText('The email bounced. There is no such mailbox.');
    await row.getByRole('button', { name: 'Resend' }).click();
    await expect(page.getByText('Email resent')).toBeVisible();
    await outbox.waitForEmail(details.email);
    await expect(row).not.toContainText('bounced');
    await expect(row.getByRole('link', { name: details.username })).toBeFocused();
  });

  test('starts a new key delivery after a correction, and keeps the previous one', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
    outbox,
  }) => {
    const details = await apiAccount();
    await receiveKeyDelivery(outbox, details);
    let box = await openEditor(page, details);
    const email = `right-${details.email}`;
    await box.getByLabel('Email address').fill(email);
    await box.getByRole('button', { name: 'Save' }).click();
    await expect(box).toBeHidden();
    await outbox.waitForEmail(email);
    box = await openEditor(page, { ...details, email });
    await expect(getTimelineEntries(box).first()).toContainText('changed the contact details');
    await box.getByText(/: replaced$/).click();
    await expect(box.getByText('Replaced by a newer link and code')).toBeVisible();
    await expect(box.getByRole('region', { name: 'Key delivery' })).toContainText(details.email);
  });

  test('retries if the server is unavailable, but not if the session has ended', { tag: '@soak' }, async ({
    administrator: page,
    apiAccount,
    outbox,
  }) => {
    const details = await apiAccount();
    await receiveKeyDelivery(outbox, details);
    const server = { status: 503, requests: 0 };
    await page.clock.install();
    await page.route('**/timeline', async (route) => {
      server.requests += 1;
      if (server.status === 200) return route.continue();
      await route.fulfill({ status: server.status, json: {} });
    });
    const box = await openEditor(page, details);
    await expect(box.getByRole('alert')).toContainText('Connection lost');
    await box.getByLabel('Requests per minute').fill('9');
    server.status = 200;
    await letPoll(page);
    await expect(getTimelineEntries(box).first()).toContainText('created the account');
    await expect(box.getByRole('alert')).toHaveCount(0);
    server.status = 401;
    await letPoll(page);
    await expect(box.getByRole('alert')).toContainText('You’ve been signed out');
    const { requests } = server;
    await expect(getTimelineEntries(box).first()).toBeVisible();
    server.status = 200;
    await box.getByRole('button', { name: 'Try again' }).click();
    await expect(box.getByRole('alert')).toHaveCount(0);
    expect(server.requests).toBe(requests + 1);
    await expect(box.getByLabel('Requests per minute')).toHaveValue('9');
  });
});
