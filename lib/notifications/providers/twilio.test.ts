import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { findFreePort } from '#db/processes.ts';
import type { TwilioAccount } from '#lib/platform/config/provider-settings.ts';
import { controlDeadlines } from '#lib/testing/deadline.ts';
import type { SendResult } from './send-result.ts';
import { type Behaviour, startProvider } from './test-provider.ts';
import { sendByTwilio } from './twilio.ts';

const accountSid = `AC${'0'.repeat(32)}`;
const sid = `SM${'a'.repeat(32)}`;
const makeSms = () => ({
  id: randomUUID(),
  to: '+447894123456',
  text: 'Acme: 123456 is your code & more = 100%.\n@acme #123456',
});
const makeAccount = (baseUrl: string, fields: Partial<TwilioAccount> = {}): TwilioAccount => ({
  accountSid,
  login: { user: accountSid, password: 'token-of-the-test' },
  from: '+15005550006',
  baseUrl,
  ...fields,
});

const ACCEPTED: Behaviour = {
  status: 201,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ sid, status: 'queued', error_code: null, to: '+447894123456' }),
};
function createErrorResponse(status: number, code: number, headers: Record<string, string> = {}): Behaviour {
  const message = "The 'To' number +447894123456 is not right";
  return { status, headers, body: JSON.stringify({ code, message, more_info: 'https://…', status }) };
}

/** Sends an SMS to a provider with this behaviour, and checks that the reason contains no secret or phone number. */
async function sendTo(behaviour: Behaviour): Promise<SendResult> {
  await using provider = await startProvider(behaviour);
  const result = await sendByTwilio(makeAccount(provider.url), makeSms());
  expect(provider.requests).toHaveLength(1);
  if (!result.ok) expect(result.reason).not.toMatch(/447894|token-of|123456/);
  return result;
}

describe('request to Twilio', () => {
  it('is one POST with the credentials and the SMS', async () => {
    await using provider = await startProvider(ACCEPTED);
    const message = makeSms();
    const result = await sendByTwilio(makeAccount(provider.url), message);
    expect(result).toEqual({ ok: true, provider: 'twilio', providerId: sid });
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

  it('passes a messaging service as MessagingServiceSid and any other sender as From', async () => {
    await using provider = await startProvider(ACCEPTED);
    const messagingServiceSid = `MG${'b'.repeat(32)}`;
    for (const from of [messagingServiceSid, 'MG Stagedoor'])
      await sendByTwilio(makeAccount(provider.url, { from }), makeSms());
    const fields = provider.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
    expect(fields[0]).toMatchObject({ MessagingServiceSid: messagingServiceSid });
    expect(fields[0]).not.toHaveProperty('From');
    expect(fields[1]).toMatchObject({ From: 'MG Stagedoor' });
  });

  it('does not follow redirects, so that no other server gets the credentials', async () => {
    await using redirectTarget = await startProvider(ACCEPTED);
    await using provider = await startProvider({
      status: 307,
      headers: { Location: redirectTarget.url },
      body: '',
    });
    expect(await sendByTwilio(makeAccount(provider.url), makeSms())).toMatchObject({
      ok: false,
      retry: true,
    });
    expect(redirectTarget.requests).toEqual([]);
  });

  it.each(['a closed port', 'an unknown host'])(
    'to %s is a temporary failure, because Twilio cannot have accepted the SMS',
    async (target) => {
      const url = target.includes('port')
        ? `http://127.0.0.1:${await findFreePort()}`
        : 'http://twilio.invalid';
      expect(await sendByTwilio(makeAccount(url), makeSms())).toEqual({
        ok: false,
        retry: true,
        reason: 'Twilio couldn’t be reached, or sent an invalid response.',
      });
    },
  );
});

describe('response of Twilio', () => {
  it.each([
    ['429', createErrorResponse(429, 20429), /limiting how fast/],
    ['401', createErrorResponse(401, 20003), /credentials/],
    ['404 for an unknown account', createErrorResponse(404, 20404), /credentials/],
    ['403 for an inactive account', createErrorResponse(403, 20005), /isn’t active/],
    ['400 for a country that is not turned on', createErrorResponse(400, 21408), /country/],
    ['400 for an invalid sender', createErrorResponse(400, 21606), /TWILIO_FROM/],
    ['400 for a sender that cannot text the country', createErrorResponse(400, 21612), /TWILIO_FROM/],
    ['400 for a trial account', createErrorResponse(400, 21608), /trial/],
    ['400 for a full queue', createErrorResponse(400, 21611), /queued at Twilio/],
    ['400 with an unknown error code', createErrorResponse(400, 29999), /error \(29999\)/],
    ['500', createErrorResponse(500, 20500), /error \(20500\)/],
    ['503 with an empty body', { status: 503, body: '' } as Behaviour, /error \(503\)/],
  ])('%s is a temporary failure', async (_, behaviour, reason) => {
    const result = await sendTo(behaviour);
    expect(result).toEqual({ ok: false, retry: true, reason: expect.stringMatching(reason) });
  });

  it.each([
    ['502 from a proxy', { status: 502, body: '<h1>Bad gateway</h1>' } as Behaviour, /error \(502\)/],
    ['504 from a proxy', { status: 504, body: '' } as Behaviour, /error \(504\)/],
    [
      '201 with HTML',
      { status: 201, body: '<h1>Welcome to the hotel</h1>' } as Behaviour,
      /Twilio sent an invalid response/,
    ],
    ['201 with an empty body', { status: 201, body: '' } as Behaviour, /Twilio sent an invalid response/],
    [
      '201 with an invalid id',
      { status: 201, body: '{"sid":"../x"}' } as Behaviour,
      /Twilio sent an invalid response/,
    ],
    ['a cut connection', 'cut' as const, /couldn’t be reached/],
    ['a connection that is cut during the response', 'cut in the middle' as const, /couldn’t be reached/],
  ])('%s is a temporary, unanswered failure', async (_, behaviour, reason) => {
    expect(await sendTo(behaviour)).toEqual({
      ok: false,
      retry: true,
      isUnanswered: true,
      reason: expect.stringMatching(reason),
    });
  });

  it.each([
    ['for an invalid phone number', 21211, /phone number as invalid/],
    ['for a landline', 21614, /can’t receive texts/],
    ['for a phone that has opted out', 21610, /opted out/],
    ['for an invalid text', 21617, /text as invalid/],
  ])('400 %s is a permanent failure', async (_, code, reason) => {
    expect(await sendTo(createErrorResponse(400, code))).toEqual({
      ok: false,
      retry: false,
      reason: expect.stringMatching(reason),
    });
  });

  it('429 returns the seconds of Retry-After', async () => {
    const result = await sendTo(createErrorResponse(429, 20429, { 'Retry-After': '7' }));
    expect(result).toMatchObject({ ok: false, retry: true, retryAfterSeconds: 7 });
  });

  it.each([
    ['a missing response', 'hang'],
    ['a partial response', 'stall'],
  ] as const)('%s ends at the timeout', async (_, behaviour) => {
    await using provider = await startProvider(behaviour);
    const deadlines = controlDeadlines();
    const sending = sendByTwilio(makeAccount(provider.url), makeSms(), 60_000);
    await provider.clientWaiting.then(deadlines.expire);
    const result = await sending;
    expect(deadlines.getDurations()).toEqual([60_000]);
    const reason = 'Twilio didn’t respond within 60 seconds.';
    expect(result).toEqual({ ok: false, retry: true, isUnanswered: true, reason });
    await expect.poll(provider.countConnections).toBe(0);
  });
});
