import { randomInt } from 'node:crypto';
import type { Page } from '@playwright/test';
import { sql } from 'drizzle-orm';
import { createTestEndpoint, isSignedWith } from '#lib/testing/webhook-receiver.ts';
import { getDialog, WEBHOOKS_PATH } from './fixtures/pages.ts';
import { expect } from './fixtures/test.ts';
import { insertDelivery, RARE_EVENTS, webhookTest as test } from './fixtures/webhooks.ts';

/** A body that would change the page if it were rendered as HTML. */
const HOSTILE_BODY = '<b id="injected">injected</b><script>document.title = "injected"</script>';

/** Returns a URL that no other test uses. */
const createUrl = () => `https://${randomInt(2 ** 40).toString(36)}.example.org/hooks`;

/** Waits until the dialog shows a signing secret, and closes it. @returns the secret */
async function saveSecret(page: Page): Promise<string> {
  const shown = getDialog(page, 'Your new signing secret');
  const output = shown.getByRole('status', { name: 'Signing secret' });
  await expect(output).toHaveAttribute('translate', 'no');
  const secret = (await output.textContent()) ?? '';
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{20,}=*$/);
  await shown.getByRole('button', { name: 'I’ve saved it' }).click();
  await expect(shown).toBeHidden();
  expect(await page.content()).not.toContain(secret);
  return secret;
}

test.describe('webhooks page', () => {
  test('creates an endpoint, sends signed events, rotates its secret, and deletes it', {
    tag: '@soak',
  }, async ({ administrator: page, receiver, receive }) => {
    receiver.respond = (response) =>
      response.writeHead(202, { 'Content-Type': 'text/html' }).end(HOSTILE_BODY);
    await page.goto(WEBHOOKS_PATH);
    await page.getByRole('button', { name: 'New webhook endpoint' }).click();
    const creating = getDialog(page, 'New webhook endpoint');
    await creating.getByLabel('URL').fill('hooks');
    await page.keyboard.press('Enter');
    await expect(creating.getByRole('alert')).toHaveText([
      /^Enter the full address/,
      'Choose at least one event.',
    ]);
    await creating.getByLabel('URL').fill(receiver.url);
    await creating.getByLabel('Key leaked').check();
    await creating.getByRole('button', { name: 'Create endpoint' }).click();
    const secret = await saveSecret(page);

    await page.getByRole('link', { name: receiver.url }).click();
    await expect(page.getByText('Nothing was sent yet.')).toBeVisible();
    await page.getByRole('button', { name: 'Send test event' }).click();
    const event = await receive(0);
    expect(isSignedWith(secret, event)).toBe(true);
    expect(event.type).toBe('webhook.test');
    // Without a reload.
    const row = page.getByRole('row').filter({ hasText: 'Test event' });
    await expect(row).toContainText('Delivered');

    await row.getByRole('link').click();
    await expect(page.getByText('Status 202')).toBeVisible();
    await expect(page.getByRole('region', { name: 'Body of the response, attempt 1' })).toHaveText(
      HOSTILE_BODY,
    );
    await expect(page.locator('#injected')).toHaveCount(0);
    await page.getByRole('button', { name: 'Redeliver' }).click();
    const again = await receive(1);
    expect(again.id).toBe(event.id);
    expect(isSignedWith(secret, again)).toBe(true);
    await expect(page.getByText('Attempt 2')).toBeVisible();

    await page.getByRole('link', { name: 'Webhook endpoint' }).click();
    await page.getByRole('button', { name: 'Rotate secret' }).click();
    await getDialog(page, 'Rotate signing secret').getByRole('button', { name: 'Rotate secret' }).click();
    const newSecret = await saveSecret(page);
    await expect(page.getByText('Old secret ends')).toBeVisible();
    await page.getByRole('button', { name: 'Send test event' }).click();
    const signedTwice = await receive(2);
    expect([secret, newSecret].map((each) => isSignedWith(each, signedTwice))).toEqual([true, true]);

    await page.getByRole('button', { name: 'Disable…' }).click();
    await getDialog(page, 'Disable webhook endpoint').getByRole('button', { name: 'Disable' }).click();
    await expect(page.getByText('Disabled: no events are sent')).toBeVisible();
    await page.getByRole('button', { name: 'Enable' }).click();
    await expect(page.getByText('Disabled: no events are sent')).toBeHidden();
    await page.getByRole('button', { name: 'Delete…' }).click();
    await getDialog(page, 'Delete webhook endpoint').getByRole('button', { name: 'Delete' }).click();
    await page.waitForURL(WEBHOOKS_PATH);
    await expect(page.getByRole('link', { name: receiver.url })).toHaveCount(0);
  });

  test('keeps what was typed, and does not overwrite the change of another administrator', {
    tag: '@soak',
  }, async ({ administrator: page, database, actor }) => {
    const url = createUrl();
    const { id } = await createTestEndpoint(database, actor, {
      url,
      description: 'CRM',
      eventTypes: RARE_EVENTS,
    });
    await page.goto(`${WEBHOOKS_PATH}?dialog=newWebhookEndpoint`);
    const creating = getDialog(page, 'New webhook endpoint');
    await creating.getByLabel('URL').fill(url);
    await creating.getByRole('button', { name: 'Select all' }).click();
    await page.reload();
    await expect(creating.getByText('We’ve kept what you typed')).toBeVisible();
    await expect(creating.getByLabel('Key leaked')).toBeChecked();
    await creating.getByRole('button', { name: 'Discard what I typed' }).click();
    await expect(creating.getByLabel('URL')).toHaveValue('');
    await expect(creating.getByLabel('Key leaked')).not.toBeChecked();

    await page.goto(`${WEBHOOKS_PATH}/${id}`);
    await page.getByRole('button', { name: 'Edit' }).click();
    const editing = getDialog(page, 'Edit webhook endpoint');
    await editing.getByLabel('Description').fill('Customer database');
    await database.execute(
      sql`update webhook_endpoints set description = 'ERP', version = version + 1 where id = ${id}`,
    );
    await page.keyboard.press('Enter');
    await expect(editing.getByText('Theirs: ERP')).toBeVisible();
    await editing.getByRole('button', { name: 'Save' }).click();
    await expect(editing).toBeHidden();
    await expect(page.getByText('Customer database')).toBeVisible();
  });

  test('lets a viewer see the endpoints, but neither their paths nor what was sent', {
    tag: '@soak',
  }, async ({ signedInAs, database, actor }) => {
    const url = createUrl();
    const { id } = await createTestEndpoint(database, actor, { url, eventTypes: RARE_EVENTS });
    const deliveryId = await insertDelivery(database, id, 'failed');
    const page = await signedInAs('settings_viewer');
    await page.goto(WEBHOOKS_PATH);
    await page.getByRole('link', { name: new URL(url).origin }).click();
    await expect(page.getByRole('row').filter({ hasText: 'Test event' })).toContainText('Failed');
    await expect(page.getByRole('button', { name: /Edit|Rotate|Disable|Delete|Send/ })).toHaveCount(0);
    expect(await page.content()).not.toContain(url);
    await page.goto(`${WEBHOOKS_PATH}/${id}/deliveries/${deliveryId}`);
    await expect(page.getByText('You don’t have access to this page')).toBeVisible();
    expect(await page.content()).not.toContain('webhook-id');
  });
});
