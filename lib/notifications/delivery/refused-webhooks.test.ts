import { randomUUID } from 'node:crypto';
import { expect, it, test } from 'vitest';
import { connectDatabase } from '#db/client.ts';
import { resendEvent, secondsFromNow, signedHeaders, WEBHOOK_SECRET } from '#lib/testing/resend-webhooks.ts';
import { receiveWebhook } from './receive-webhook.ts';

// Nobody listens there: a refusal that asked the database would fail.
const { database: none } = connectDatabase('postgresql://nobody@127.0.0.1:1/none');

type Call = {
  body?: string;
  timestamp?: number | string;
  headers?: Record<string, string>;
  secret?: string | null;
  signedBy?: string;
};

function call({ timestamp = secondsFromNow(0), headers, secret = WEBHOOK_SECRET, signedBy, ...rest }: Call) {
  const body = rest.body ?? resendEvent('email.delivered', { tags: { message_id: randomUUID() } });
  const signed = signedHeaders({ id: 'msg_1', timestamp, body }, signedBy ?? WEBHOOK_SECRET);
  return receiveWebhook(
    none,
    secret,
    new Request('http://localhost/', { method: 'POST', headers: { ...signed, ...headers }, body }),
  );
}
const asksTheDatabase = (options: Call) => expect(call(options)).rejects.toThrow();

test('a right call asks the database: so the refusals below mean something', async () => {
  await asksTheDatabase({});
  await asksTheDatabase({ headers: { 'content-type': 'Application/JSON; charset=utf-8' } });
});

test('there is no such route without a secret', async () => {
  expect(await call({ secret: null })).toBe(404);
});

it.each<[string, Record<string, string>]>([
  ['no signature', { 'svix-signature': '' }],
  ['no id', { 'svix-id': '' }],
  ['another id', { 'svix-id': 'msg_2' }],
  ['an id that is none', { 'svix-id': 'msg 1' }],
  ['no time', { 'svix-timestamp': '' }],
  ['a time that is none', { 'svix-timestamp': 'soon' }],
  ['another time', { 'svix-timestamp': String(secondsFromNow(-1)) }],
  ['a signature of nothing', { 'svix-signature': 'v1,' }],
  ['a signature of another version', { 'svix-signature': `v1a,${'A'.repeat(44)}` }],
  ['a wrong signature', { 'svix-signature': `v1,${'A'.repeat(43)}=` }],
  ['endless signatures', { 'svix-signature': 'v1,x '.repeat(1_000) }],
])('a call with %s is refused', async (_, headers) => {
  expect(await call({ headers })).toBe(401);
});

it('refuses a call that somebody else signed, and one whose body was changed', async () => {
  expect(
    await call({ signedBy: `whsec_${Buffer.from('another secret of 24 byte').toString('base64')}` }),
  ).toBe(401);
  const headers = signedHeaders({
    id: 'msg_1',
    timestamp: secondsFromNow(0),
    body: resendEvent('email.delivered'),
  });
  expect(await call({ body: resendEvent('email.bounced'), headers })).toBe(401);
});

it('takes one right signature among several, as while a secret is being changed', async () => {
  const [body, timestamp] = [resendEvent('email.delivered'), secondsFromNow(0)];
  const signed = signedHeaders({ id: 'msg_1', timestamp, body });
  const both = `v1,${'A'.repeat(43)}= ${signed['svix-signature']}`;
  await asksTheDatabase({ body, timestamp, headers: { 'svix-signature': both } });
});

it('refuses what was signed more than five minutes ago, or more than five minutes from now', async () => {
  for (const seconds of [-301, -600, -86_400, 310, 600, 86_400])
    expect(await call({ timestamp: secondsFromNow(seconds) }), `${seconds}`).toBe(401);
  for (const seconds of [-290, 290]) await asksTheDatabase({ timestamp: secondsFromNow(seconds) });
});

it('refuses a time that only begins with digits, though the signature is right', async () => {
  const [body, timestamp] = [resendEvent('email.delivered'), secondsFromNow(0)];
  const headers = { ...signedHeaders({ id: 'msg_1', timestamp, body }), 'svix-timestamp': `${timestamp}.5` };
  expect(await call({ body, headers })).toBe(401);
});

it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonp', ''])(
  'refuses the content type %j',
  async (type) => {
    expect(await call({ headers: { 'content-type': type } })).toBe(415);
  },
);

it.each(['', '{', 'null', '[]', '"text"', '{"type":1}', '{"data":{}}'])(
  'finds %j malformed, though signed',
  async (body) => {
    expect(await call({ body })).toBe(400);
  },
);

it('stops reading a body that is too large', async () => {
  expect(await call({ body: `"${'x'.repeat(65_535)}"` })).toBe(413);
  let read = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      read += 1;
      controller.enqueue(new Uint8Array(16_384));
    },
  });
  const headers = new Headers(signedHeaders({ id: 'msg_1', timestamp: secondsFromNow(0), body: '' }));
  expect(await receiveWebhook(none, WEBHOOK_SECRET, { headers, body })).toBe(413);
  expect(read).toBeLessThan(10);
});
