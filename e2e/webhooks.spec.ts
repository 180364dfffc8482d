import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { resendEvent, secondsFromNow, signedHeaders } from '#lib/testing/resend-webhooks.ts';
import { expect, test } from './fixtures/test.ts';

const WEBHOOK = '/api/webhooks/resend';

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
    const body = resendEvent('email.delivered', { tags: { message_id: messageId } });
    const headers = signedHeaders({ id: `msg_${randomUUID()}`, timestamp: secondsFromNow(0), body });
    const post = async (path: string, more: Record<string, string> = {}, content = body) =>
      (
        await fetch(installation.webUrl + path, {
          method: 'POST',
          headers: { ...headers, ...more },
          body: content,
        })
      ).status;
    const reports = async () =>
      (await database.execute(sql`select kind from delivery_reports where message_id = ${messageId}`)).rows;

    expect(await post(WEBHOOK, { 'svix-signature': 'v1,none' })).toBe(401);
    expect(await post(WEBHOOK, {}, body.replace('delivered', 'bounced'))).toBe(401);
    expect(await post(WEBHOOK, { 'content-type': 'text/plain' })).toBe(415);
    expect(await post(WEBHOOK, { origin: 'https://example.com' })).toBe(403);
    expect(await post(WEBHOOK, { 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await post(WEBHOOK, {}, 'x'.repeat(65_537))).toBe(413);
    expect(await post(`${WEBHOOK}/`)).toBe(403);
    expect(await post('/api/auth/signout')).toBe(403);
    expect((await fetch(installation.webUrl + WEBHOOK)).status).toBe(405);
    expect(await reports()).toEqual([]);

    expect(await post(WEBHOOK)).toBe(200);
    expect(await post(WEBHOOK)).toBe(409);
    expect(await reports()).toEqual([{ kind: 'delivered' }]);
  });
});
