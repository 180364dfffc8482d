import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { createResendEvent, createSignedHeaders, getTimestampFromNow } from '#lib/testing/resend-webhooks.ts';
import { expect, test } from './fixtures/test.ts';

const WEBHOOK_PATH = '/api/webhooks/resend';

test.describe('Resend webhook', () => {
  test('accepts a delivery report once, and only with a valid signature', async ({
    installation,
    apiAccount,
    database,
  }) => {
    const details = await apiAccount();
    const { rows } = await database.execute<{ id: string }>(
      sql`select m.id from messages m join reveals r on r.id = m.reveal_id where r.email = ${details.email} and m.channel = 'email'`,
    );
    const messageId = rows[0]?.id ?? '';
    const body = createResendEvent('email.delivered', { tags: { message_id: messageId } });
    const headers = createSignedHeaders({
      id: `msg_${randomUUID()}`,
      timestamp: getTimestampFromNow(0),
      body,
    });
    const post = async (path: string, extraHeaders: Record<string, string> = {}, sentBody = body) =>
      (
        await fetch(installation.webUrl + path, {
          method: 'POST',
          headers: { ...headers, ...extraHeaders },
          body: sentBody,
        })
      ).status;
    const readReports = async () =>
      (await database.execute(sql`select kind from delivery_reports where message_id = ${messageId}`)).rows;

    expect(await post(WEBHOOK_PATH, { 'svix-signature': 'v1,none' })).toBe(401);
    expect(await post(WEBHOOK_PATH, {}, body.replace('delivered', 'bounced'))).toBe(401);
    expect(await post(WEBHOOK_PATH, { 'content-type': 'text/plain' })).toBe(415);
    expect(await post(WEBHOOK_PATH, { origin: 'https://example.com' })).toBe(403);
    expect(await post(WEBHOOK_PATH, { 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await post(WEBHOOK_PATH, {}, 'x'.repeat(65_537))).toBe(413);
    // Only the exact path of the webhook accepts a POST without an origin.
    expect(await post(`${WEBHOOK_PATH}/`)).toBe(403);
    expect(await post('/api/auth/signout')).toBe(403);
    expect((await fetch(installation.webUrl + WEBHOOK_PATH)).status).toBe(405);
    expect(await readReports()).toEqual([]);

    expect(await post(WEBHOOK_PATH)).toBe(200);
    expect(await post(WEBHOOK_PATH)).toBe(409);
    expect(await readReports()).toEqual([{ kind: 'delivered' }]);
  });
});
