import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { connectDatabase } from '#db/client.ts';
import {
  createResendEvent,
  createSignedHeaders,
  getTimestampFromNow,
  WEBHOOK_SECRET,
} from '#lib/testing/resend-webhooks.ts';
import { receiveWebhook } from './receive-webhook.ts';

// No server listens at this address, so a database query throws.
const { database: unavailable } = connectDatabase('postgresql://user@127.0.0.1:1/unavailable');

type WebhookOptions = {
  body?: string;
  timestamp?: number | string;
  headers?: Record<string, string>;
  secret?: string | null;
  signingSecret?: string;
};

function sendWebhook({
  timestamp = getTimestampFromNow(0),
  headers,
  secret = WEBHOOK_SECRET,
  signingSecret,
  ...rest
}: WebhookOptions) {
  const body = rest.body ?? createResendEvent('email.delivered', { tags: { message_id: randomUUID() } });
  const webhookHeaders = createSignedHeaders(
    { id: 'msg_1', timestamp, body },
    signingSecret ?? WEBHOOK_SECRET,
  );
  return receiveWebhook(
    unavailable,
    secret,
    new Request('http://localhost/', { method: 'POST', headers: { ...webhookHeaders, ...headers }, body }),
  );
}
const expectDatabaseQuery = (options: WebhookOptions) => expect(sendWebhook(options)).rejects.toThrow();

describe('receiveWebhook', () => {
  it('queries the database for a valid webhook, unlike for the rejected webhooks below', async () => {
    await expectDatabaseQuery({});
    await expectDatabaseQuery({ headers: { 'content-type': 'Application/JSON; charset=utf-8' } });
  });

  it('responds 404 without a secret', async () => {
    expect(await sendWebhook({ secret: null })).toBe(404);
  });

  it.each<[string, Record<string, string>]>([
    ['no signature', { 'svix-signature': '' }],
    ['no id', { 'svix-id': '' }],
    ['another id', { 'svix-id': 'msg_2' }],
    ['a malformed id', { 'svix-id': 'msg 1' }],
    ['no timestamp', { 'svix-timestamp': '' }],
    ['a malformed timestamp', { 'svix-timestamp': 'soon' }],
    ['another timestamp', { 'svix-timestamp': String(getTimestampFromNow(-1)) }],
    ['an empty signature', { 'svix-signature': 'v1,' }],
    ['a signature of another version', { 'svix-signature': `v1a,${'A'.repeat(44)}` }],
    ['a wrong signature', { 'svix-signature': `v1,${'A'.repeat(43)}=` }],
    ['too many signatures', { 'svix-signature': 'v1,x '.repeat(1_000) }],
  ])('rejects a webhook with %s', async (_, headers) => {
    expect(await sendWebhook({ headers })).toBe(401);
  });

  it('rejects a signature with another secret, and a signature of another body', async () => {
    expect(
      await sendWebhook({
        signingSecret: `whsec_${Buffer.from('another secret, 24 bytes').toString('base64')}`,
      }),
    ).toBe(401);
    const headers = createSignedHeaders({
      id: 'msg_1',
      timestamp: getTimestampFromNow(0),
      body: createResendEvent('email.delivered'),
    });
    expect(await sendWebhook({ body: createResendEvent('email.bounced'), headers })).toBe(401);
  });

  it('accepts a webhook if one of its signatures is valid, as during a rotation of the secret', async () => {
    const [body, timestamp] = [createResendEvent('email.delivered'), getTimestampFromNow(0)];
    const webhookHeaders = createSignedHeaders({ id: 'msg_1', timestamp, body });
    const signatures = `v1,${'A'.repeat(43)}= ${webhookHeaders['svix-signature']}`;
    await expectDatabaseQuery({ body, timestamp, headers: { 'svix-signature': signatures } });
  });

  it('rejects a timestamp more than five minutes in the past or future', async () => {
    for (const seconds of [-301, -600, -86_400, 310, 600, 86_400])
      expect(await sendWebhook({ timestamp: getTimestampFromNow(seconds) }), `${seconds}`).toBe(401);
    for (const seconds of [-290, 290]) await expectDatabaseQuery({ timestamp: getTimestampFromNow(seconds) });
  });

  it('rejects a timestamp with trailing characters, even with a valid signature', async () => {
    const [body, timestamp] = [createResendEvent('email.delivered'), getTimestampFromNow(0)];
    const headers = {
      ...createSignedHeaders({ id: 'msg_1', timestamp, body }),
      'svix-timestamp': `${timestamp}.5`,
    };
    expect(await sendWebhook({ body, headers })).toBe(401);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonp',
    '',
  ])('rejects the content type %j', async (type) => {
    expect(await sendWebhook({ headers: { 'content-type': type } })).toBe(415);
  });

  it.each(['', '{', 'null', '[]', '"text"', '{"type":1}', '{"data":{}}'])(
    'rejects the signed but malformed body %j',
    async (body) => {
      expect(await sendWebhook({ body })).toBe(400);
    },
  );

  it('stops reading a body that is too large', async () => {
    expect(await sendWebhook({ body: `"${'x'.repeat(65_535)}"` })).toBe(413);
    let chunks = 0;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        chunks += 1;
        controller.enqueue(new Uint8Array(16_384));
      },
    });
    const headers = new Headers(
      createSignedHeaders({ id: 'msg_1', timestamp: getTimestampFromNow(0), body: '' }),
    );
    expect(await receiveWebhook(unavailable, WEBHOOK_SECRET, { headers, body })).toBe(413);
    expect(chunks).toBeLessThan(10);
  });
});
