import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { connectDatabase } from '#db/client.ts';
import { resendEvent, secondsFromNow, signedHeaders, WEBHOOK_SECRET } from '#lib/testing/resend-webhooks.ts';
import { receiveWebhook } from './receive-webhook.ts';

// No server listens there, so a request that reaches the database throws.
const { database: unavailable } = connectDatabase('postgresql://nobody@127.0.0.1:1/none');

type WebhookOptions = {
  body?: string;
  timestamp?: number | string;
  headers?: Record<string, string>;
  secret?: string | null;
  signedBy?: string;
};

function sendWebhook({
  timestamp = secondsFromNow(0),
  headers,
  secret = WEBHOOK_SECRET,
  signedBy,
  ...rest
}: WebhookOptions) {
  const body = rest.body ?? resendEvent('email.delivered', { tags: { message_id: randomUUID() } });
  const signed = signedHeaders({ id: 'msg_1', timestamp, body }, signedBy ?? WEBHOOK_SECRET);
  return receiveWebhook(
    unavailable,
    secret,
    new Request('http://localhost/', { method: 'POST', headers: { ...signed, ...headers }, body }),
  );
}
const expectDatabaseQuery = (options: WebhookOptions) => expect(sendWebhook(options)).rejects.toThrow();

describe('receiveWebhook', () => {
  it('queries the database for a valid webhook, so that the rejections below are meaningful', async () => {
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
    ['another timestamp', { 'svix-timestamp': String(secondsFromNow(-1)) }],
    ['an empty signature', { 'svix-signature': 'v1,' }],
    ['a signature of another version', { 'svix-signature': `v1a,${'A'.repeat(44)}` }],
    ['a wrong signature', { 'svix-signature': `v1,${'A'.repeat(43)}=` }],
    ['too many signatures', { 'svix-signature': 'v1,x '.repeat(1_000) }],
  ])('rejects a webhook with %s', async (_, headers) => {
    expect(await sendWebhook({ headers })).toBe(401);
  });

  it('rejects a signature by another secret and a changed body', async () => {
    expect(
      await sendWebhook({ signedBy: `whsec_${Buffer.from('another secret of 24 byte').toString('base64')}` }),
    ).toBe(401);
    const headers = signedHeaders({
      id: 'msg_1',
      timestamp: secondsFromNow(0),
      body: resendEvent('email.delivered'),
    });
    expect(await sendWebhook({ body: resendEvent('email.bounced'), headers })).toBe(401);
  });

  it('accepts one valid signature among several, as during a rotation of the secret', async () => {
    const [body, timestamp] = [resendEvent('email.delivered'), secondsFromNow(0)];
    const signed = signedHeaders({ id: 'msg_1', timestamp, body });
    const both = `v1,${'A'.repeat(43)}= ${signed['svix-signature']}`;
    await expectDatabaseQuery({ body, timestamp, headers: { 'svix-signature': both } });
  });

  it('rejects a timestamp more than five minutes in the past or future', async () => {
    for (const seconds of [-301, -600, -86_400, 310, 600, 86_400])
      expect(await sendWebhook({ timestamp: secondsFromNow(seconds) }), `${seconds}`).toBe(401);
    for (const seconds of [-290, 290]) await expectDatabaseQuery({ timestamp: secondsFromNow(seconds) });
  });

  it('rejects a timestamp with trailing characters, even with a valid signature', async () => {
    const [body, timestamp] = [resendEvent('email.delivered'), secondsFromNow(0)];
    const headers = {
      ...signedHeaders({ id: 'msg_1', timestamp, body }),
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
    const headers = new Headers(signedHeaders({ id: 'msg_1', timestamp: secondsFromNow(0), body: '' }));
    expect(await receiveWebhook(unavailable, WEBHOOK_SECRET, { headers, body })).toBe(413);
    expect(chunks).toBeLessThan(10);
  });
});
