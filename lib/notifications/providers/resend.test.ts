import { randomUUID } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { controlDeadlines } from '#lib/testing/deadline.ts';
import { sendByResend } from './resend.ts';
import type { SendResult } from './send-result.ts';
import { type Behaviour, startProvider } from './test-provider.ts';

const apiKey = 're_test_key_of_the_account';
const from = 'Acme Gas <access@acme.example>';

function makeEmail() {
  return {
    id: randomUUID(),
    to: 'ops@integrator.example',
    subject: 'Your API key from Acme Gas',
    text: 'See https://access.acme.example/reveal#token',
    html: '<p>See <a href="https://access.acme.example/reveal#token">it</a></p>',
  };
}

function createErrorResponse(
  statusCode: number,
  name: string,
  message = 'as the API says',
  headers = {},
): Behaviour {
  return { status: statusCode, headers, body: JSON.stringify({ statusCode, name, message }) };
}

/** Sends an email to a provider with this behaviour, and checks that the reason contains no secret or email address. */
async function sendTo(behaviour: Behaviour): Promise<SendResult> {
  await using provider = await startProvider(behaviour);
  const result = await sendByResend({ apiKey, from, baseUrl: provider.url }, makeEmail());
  expect(provider.requests).toHaveLength(1);
  if (!result.ok) expect(result.reason).not.toMatch(/@|re_test|token|\+44/);
  return result;
}

describe('request to Resend', () => {
  it('is one POST with the API key, the idempotency key and the message', async () => {
    await using provider = await startProvider({ status: 200, body: '{"id":"49a3999c"}' });
    const message = { ...makeEmail(), to: "r&d=o'brien@xn--e1aybc.xn--p1ai" };
    const result = await sendByResend({ apiKey, from, baseUrl: provider.url }, message);
    expect(result).toEqual({ ok: true, provider: 'resend', providerId: '49a3999c' });
    expect(provider.requests).toHaveLength(1);
    const [request] = provider.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/emails' });
    expect(request?.headers).toMatchObject({
      authorization: `Bearer ${apiKey}`,
      'idempotency-key': message.id,
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^resend-node:/),
    });
    const { to, subject, text, html, id } = message;
    expect(JSON.parse(request?.body ?? '')).toEqual({
      from,
      to,
      subject,
      text,
      html,
      headers: { 'X-Entity-Ref-ID': id },
      tags: [{ name: 'message_id', value: id }],
    });
    expect(request?.body).not.toContain(apiKey);
  });

  it('has the same body and idempotency key if the same message is sent again', async () => {
    await using provider = await startProvider({ status: 200, body: '{"id":"49a3999c"}' });
    const message = makeEmail();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await sendByResend({ apiKey, from, baseUrl: provider.url }, message);
    }
    const [first, second] = provider.requests;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
  });

  it('goes to RESEND_BASE_URL', async () => {
    await using provider = await startProvider({ status: 200, body: '{"id":"49a3999c"}' });
    vi.stubEnv('RESEND_BASE_URL', provider.url);
    expect(await sendByResend({ apiKey, from }, makeEmail())).toEqual({
      ok: true,
      provider: 'resend',
      providerId: '49a3999c',
    });
    expect(provider.requests).toHaveLength(1);
  });

  it('is not sent with an API key that is not a valid header value, and the result does not contain the key', async () => {
    const result = await sendByResend({ apiKey: 're_one\nre_two', from }, makeEmail());
    expect(result).toEqual({
      ok: false,
      retry: true,
      reason: 'RESEND_API_KEY isn’t a valid API key. Check it.',
    });
  });
});

describe('response of Resend', () => {
  it('counts as sent if the idempotency key was used with another body', async () => {
    expect(await sendTo(createErrorResponse(409, 'invalid_idempotent_request'))).toEqual({
      ok: true,
      provider: 'resend',
      providerId: null,
    });
  });

  it.each([
    [
      '409 for a concurrent request',
      createErrorResponse(409, 'concurrent_idempotent_requests'),
      /earlier attempt/,
    ],
    ['401 for a missing key', createErrorResponse(401, 'missing_api_key'), /rejected the API key/],
    ['401 without an error name', createErrorResponse(401, ''), /rejected the API key/],
    ['403 for a wrong key', createErrorResponse(403, 'invalid_api_key'), /rejected the API key/],
    ['400 for a wrong key', createErrorResponse(400, 'invalid_api_key'), /rejected the API key/],
    [
      '403 for a domain that is not verified',
      createErrorResponse(403, 'validation_error', 'verify a@b.example'),
      /rejected the sender/,
    ],
    [
      '422 for the sender',
      createErrorResponse(422, 'validation_error', 'Invalid `from` field a@b.example'),
      /rejected the sender/,
    ],
    ['429 for an exceeded quota', createErrorResponse(429, 'daily_quota_exceeded'), /allowance/],
    ['500', createErrorResponse(500, 'internal_server_error', 'to ops@integrator.example'), /error \(500\)/],
    ['502 from a proxy', { status: 502, body: '<h1>Bad gateway</h1>' } as Behaviour, /error \(502\)/],
    ['500 with null', { status: 500, body: 'null' } as Behaviour, /invalid response/],
    ['500 with a string', { status: 500, body: '"re_test"' } as Behaviour, /invalid response/],
    [
      '200 with HTML',
      { status: 200, body: '<h1>Welcome to the hotel</h1>' } as Behaviour,
      /invalid response/,
    ],
    ['200 with an empty id', { status: 200, body: '{"id":""}' } as Behaviour, /invalid response/],
    ['a cut connection', 'cut' as const, /couldn’t be reached/],
    ['a connection that is cut during the response', 'cut in the middle' as const, /couldn’t be reached/],
  ])('%s is a temporary failure', async (_, behaviour, reason) => {
    expect(await sendTo(behaviour)).toEqual({
      ok: false,
      retry: true,
      reason: expect.stringMatching(reason),
    });
  });

  it.each([
    ['400', createErrorResponse(400, 'validation_error'), 'Resend rejected the email as invalid.'],
    ['422', createErrorResponse(422, 'missing_required_field'), 'Resend rejected the email as invalid.'],
    [
      '422 for the recipient',
      createErrorResponse(422, 'validation_error', 'Invalid `to` field: ops@'),
      'Resend rejected the email address as invalid.',
    ],
    ['451', createErrorResponse(451, 'security_error'), 'Resend blocked the email for security reasons.'],
  ])('%s is a permanent failure', async (_, behaviour, reason) => {
    expect(await sendTo(behaviour)).toEqual({ ok: false, retry: false, reason });
  });

  it('429 returns the seconds of Retry-After', async () => {
    const result = await sendTo(
      createErrorResponse(429, 'rate_limit_exceeded', 'slow', { 'Retry-After': '7' }),
    );
    expect(result).toMatchObject({ ok: false, retry: true, retryAfterSeconds: 7 });
  });

  it.each([
    ['a missing response', 'hang'],
    ['a partial response', 'stall'],
  ] as const)('%s ends at the timeout', async (_, behaviour) => {
    await using provider = await startProvider(behaviour);
    const deadlines = controlDeadlines();
    const sending = sendByResend({ apiKey, from, baseUrl: provider.url }, makeEmail(), 60_000);
    await provider.clientWaiting.then(deadlines.expire);
    const result = await sending;
    expect(deadlines.getDurations()).toEqual([60_000]);
    expect(result).toEqual({ ok: false, retry: true, reason: 'Resend didn’t respond within 60 seconds.' });
    await expect.poll(provider.countConnections).toBe(0);
  });
});
