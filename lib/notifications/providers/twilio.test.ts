import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { freePort } from '#db/processes.ts';
import type { TwilioAccount } from '#lib/platform/config/provider-settings.ts';
import { controlDeadlines } from '#lib/testing/deadline.ts';
import type { Sent } from './sent.ts';
import { type Behaviour, startProvider } from './test-provider.ts';
import { sendByTwilio } from './twilio.ts';

const accountSid = `AC${'0'.repeat(32)}`;
const sid = `SM${'a'.repeat(32)}`;
const text = () => ({
  id: randomUUID(),
  to: '+447894123456',
  text: 'Acme: 123456 is your code & more = 100%.\n@acme #123456',
});
const accountAt = (baseUrl: string, fields: Partial<TwilioAccount> = {}): TwilioAccount => ({
  accountSid,
  login: { user: accountSid, password: 'token-of-the-test' },
  from: '+15005550006',
  baseUrl,
  ...fields,
});

const accepted: Behaviour = {
  status: 201,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ sid, status: 'queued', error_code: null, to: '+447894123456' }),
};
function failure(status: number, code: number, headers: Record<string, string> = {}): Behaviour {
  const message = "The 'To' number +447894123456 is not right";
  return { status, headers, body: JSON.stringify({ code, message, more_info: 'https://…', status }) };
}

async function sendTo(behaviour: Behaviour): Promise<Sent> {
  await using provider = await startProvider(behaviour);
  const sent = await sendByTwilio(accountAt(provider.url), text());
  expect(provider.requests).toHaveLength(1);
  if (!sent.ok) expect(sent.reason).not.toMatch(/447894|token-of|123456/);
  return sent;
}

describe('the request', () => {
  test('is one POST with the credentials and exactly the text', async () => {
    await using provider = await startProvider(accepted);
    const message = text();
    const sent = await sendByTwilio(accountAt(provider.url), message);
    expect(sent).toEqual({ ok: true, provider: 'twilio', providerId: sid });
    expect(provider.requests).toHaveLength(1);
    const [request] = provider.requests;
    const credentials = Buffer.from(`${accountSid}:token-of-the-test`).toString('base64');
    expect(request).toMatchObject({
      method: 'POST',
      path: `/2010-04-01/Accounts/${accountSid}/Messages.json`,
      headers: {
        authorization: `Basic ${credentials}`,
        'content-type': expect.stringMatching(/^application\/x-www-form-urlencoded/),
      },
    });
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      To: message.to,
      From: '+15005550006',
      Body: message.text,
    });
  });

  test('names a messaging service as such, and any other sender as From', async () => {
    await using provider = await startProvider(accepted);
    const service = `MG${'b'.repeat(32)}`;
    for (const from of [service, 'MG Stagedoor'])
      await sendByTwilio(accountAt(provider.url, { from }), text());
    const fields = provider.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
    expect(fields[0]).toMatchObject({ MessagingServiceSid: service });
    expect(fields[0]).not.toHaveProperty('From');
    expect(fields[1]).toMatchObject({ From: 'MG Stagedoor' });
  });

  test('follows no redirection: the credentials are for Twilio alone', async () => {
    await using elsewhere = await startProvider(accepted);
    await using provider = await startProvider({
      status: 307,
      headers: { Location: elsewhere.url },
      body: '',
    });
    expect(await sendByTwilio(accountAt(provider.url), text())).toMatchObject({ ok: false, retry: true });
    expect(elsewhere.requests).toEqual([]);
  });

  test.each(['a port where nobody listens', 'a name that there is not'])(
    'to %s is not unanswered',
    async (where) => {
      const url = where.includes('port') ? `http://127.0.0.1:${await freePort()}` : 'http://twilio.invalid';
      expect(await sendByTwilio(accountAt(url), text())).toEqual({
        ok: false,
        retry: true,
        reason: 'Twilio could not be reached, or its answer made no sense.',
      });
    },
  );
});

describe('the answer', () => {
  test.each([
    ['429', failure(429, 20429), /more slowly/],
    ['401', failure(401, 20003), /credentials/],
    ['404 of another account', failure(404, 20404), /credentials/],
    ['403 suspended', failure(403, 20005), /not active/],
    ['400 country', failure(400, 21408), /country/],
    ['400 sender', failure(400, 21606), /TWILIO_FROM/],
    ['400 sender of another country', failure(400, 21612), /TWILIO_FROM/],
    ['400 trial', failure(400, 21608), /trial/],
    ['400 full', failure(400, 21611), /wait at Twilio/],
    ['400 of a code that is not known', failure(400, 29999), /error \(29999\)/],
    ['500', failure(500, 20500), /error \(20500\)/],
    ['503 empty', { status: 503, body: '' } as Behaviour, /error \(503\)/],
  ])('%s: to be tried again', async (_, behaviour, reason) => {
    const sent = await sendTo(behaviour);
    expect(sent).toEqual({ ok: false, retry: true, reason: expect.stringMatching(reason) });
  });

  test.each([
    ['502 from a proxy', { status: 502, body: '<h1>Bad gateway</h1>' } as Behaviour, /error \(502\)/],
    ['504 from a proxy', { status: 504, body: '' } as Behaviour, /error \(504\)/],
    ['201 with HTML', { status: 201, body: '<h1>Welcome to the hotel</h1>' } as Behaviour, /no sense/],
    ['201 empty', { status: 201, body: '' } as Behaviour, /no sense/],
    ['201 without an id', { status: 201, body: '{"sid":"../x"}' } as Behaviour, /no sense/],
    ['a cut connection', 'cut' as const, /could not be reached/],
    ['a connection cut in the middle', 'cut in the middle' as const, /could not be reached/],
  ])('%s: to be tried again, though Twilio may have the text', async (_, behaviour, reason) => {
    expect(await sendTo(behaviour)).toEqual({
      ok: false,
      retry: true,
      unanswered: true,
      reason: expect.stringMatching(reason),
    });
  });

  test.each([
    ['number', 21211, /phone number as invalid/],
    ['landline', 21614, /cannot receive texts/],
    ['opted out', 21610, /opted out/],
    ['words', 21617, /text as invalid/],
  ])('400 %s: given up', async (_, code, reason) => {
    expect(await sendTo(failure(400, code))).toEqual({
      ok: false,
      retry: false,
      reason: expect.stringMatching(reason),
    });
  });

  test('429 says when to try again', async () => {
    const sent = await sendTo(failure(429, 20429, { 'Retry-After': '7' }));
    expect(sent).toMatchObject({ ok: false, retry: true, retryAfterSeconds: 7 });
  });

  test.each(['hang', 'stall'] as const)('%s: ended at the deadline', async (behaviour) => {
    await using provider = await startProvider(behaviour);
    const deadlines = controlDeadlines();
    const sending = sendByTwilio(accountAt(provider.url), text(), 60_000);
    await provider.waiting.then(deadlines.expire);
    const sent = await sending;
    expect(deadlines.durations()).toEqual([60_000]);
    const reason = 'Twilio did not answer within 60 seconds.';
    expect(sent).toEqual({ ok: false, retry: true, unanswered: true, reason });
    await expect.poll(provider.openConnections).toBe(0);
  });
});
