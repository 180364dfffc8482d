import { randomUUID } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { controlDeadlines } from '#lib/testing/deadline.ts';
import { sendByResend } from './resend.ts';
import type { Sent } from './sent.ts';
import { type Behaviour, startProvider } from './test-provider.ts';

const apiKey = 're_test_key_of_the_account';
const from = 'Acme Gas <access@acme.example>';

function email() {
  return {
    id: randomUUID(),
    to: 'ops@integrator.example',
    subject: 'Your API key from Acme Gas',
    text: 'See https://access.acme.example/reveal#token',
    html: '<p>See <a href="https://access.acme.example/reveal#token">it</a></p>',
  };
}

function failure(statusCode: number, name: string, message = 'as the API says', headers = {}): Behaviour {
  return { status: statusCode, headers, body: JSON.stringify({ statusCode, name, message }) };
}

async function sendTo(behaviour: Behaviour): Promise<Sent> {
  await using provider = await startProvider(behaviour);
  const sent = await sendByResend({ apiKey, from, baseUrl: provider.url }, email());
  expect(provider.requests).toHaveLength(1);
  if (!sent.ok) expect(sent.reason).not.toMatch(/@|re_test|token|\+44/);
  return sent;
}

describe('the request', () => {
  test('is one POST with key, idempotency key and exactly the message', async () => {
    await using provider = await startProvider({ status: 200, body: '{"id":"49a3999c"}' });
    const message = email();
    const sent = await sendByResend({ apiKey, from, baseUrl: provider.url }, message);
    expect(sent).toEqual({ ok: true, provider: 'resend', providerId: '49a3999c' });
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

  test('has the same bytes when the same message is sent again', async () => {
    await using provider = await startProvider({ status: 200, body: '{"id":"49a3999c"}' });
    const message = email();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await sendByResend({ apiKey, from, baseUrl: provider.url }, message);
    }
    const [first, second] = provider.requests;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
  });

  test('goes to RESEND_BASE_URL', async () => {
    await using provider = await startProvider({ status: 200, body: '{"id":"49a3999c"}' });
    vi.stubEnv('RESEND_BASE_URL', provider.url);
    expect(await sendByResend({ apiKey, from }, email())).toEqual({
      ok: true,
      provider: 'resend',
      providerId: '49a3999c',
    });
    expect(provider.requests).toHaveLength(1);
  });

  test('is not made with an API key that cannot stand in a header, and the key is not told', async () => {
    const sent = await sendByResend({ apiKey: 're_one\nre_two', from }, email());
    expect(sent).toEqual({
      ok: false,
      retry: true,
      reason: 'Resend cannot be asked with this API key: check RESEND_API_KEY.',
    });
  });
});

describe('the answer', () => {
  test('that the key was used with another body means that it was sent', async () => {
    expect(await sendTo(failure(409, 'invalid_idempotent_request'))).toEqual({
      ok: true,
      provider: 'resend',
      providerId: null,
    });
  });

  test.each([
    ['409 concurrent', failure(409, 'concurrent_idempotent_requests'), /earlier attempt/],
    ['401 no key', failure(401, 'missing_api_key'), /refused the API key/],
    ['401 without a name', failure(401, ''), /refused the API key/],
    ['403 wrong key', failure(403, 'invalid_api_key'), /refused the API key/],
    ['400 wrong key', failure(400, 'invalid_api_key'), /refused the API key/],
    ['403 domain', failure(403, 'validation_error', 'verify a@b.example'), /refused the sender/],
    ['422 from', failure(422, 'validation_error', 'Invalid `from` field a@b.example'), /refused the sender/],
    ['429 quota', failure(429, 'daily_quota_exceeded'), /quota/],
    ['500', failure(500, 'internal_server_error', 'to ops@integrator.example'), /error \(500\)/],
    ['502 from a proxy', { status: 502, body: '<h1>Bad gateway</h1>' } as Behaviour, /error \(502\)/],
    ['500 with null', { status: 500, body: 'null' } as Behaviour, /no sense/],
    ['500 with a string', { status: 500, body: '"re_test"' } as Behaviour, /no sense/],
    ['200 with HTML', { status: 200, body: '<h1>Welcome to the hotel</h1>' } as Behaviour, /no sense/],
    ['200 without an id', { status: 200, body: '{"id":""}' } as Behaviour, /no sense/],
    ['a cut connection', 'cut' as const, /could not be reached/],
    ['a connection cut in the middle', 'cut in the middle' as const, /could not be reached/],
  ])('%s: to be tried again', async (_, behaviour, reason) => {
    expect(await sendTo(behaviour)).toEqual({
      ok: false,
      retry: true,
      reason: expect.stringMatching(reason),
    });
  });

  test.each([
    ['400', failure(400, 'validation_error'), 'Resend refused the email as invalid.'],
    ['422', failure(422, 'missing_required_field'), 'Resend refused the email as invalid.'],
    [
      '422 for the address',
      failure(422, 'validation_error', 'Invalid `to` field: ops@'),
      'Resend refused the email address as invalid.',
    ],
    ['451', failure(451, 'security_error'), 'Resend refused the email for reasons of security.'],
  ])('%s: given up', async (_, behaviour, reason) => {
    expect(await sendTo(behaviour)).toEqual({ ok: false, retry: false, reason });
  });

  test('429 says when to try again', async () => {
    const sent = await sendTo(failure(429, 'rate_limit_exceeded', 'slow', { 'Retry-After': '7' }));
    expect(sent).toMatchObject({ ok: false, retry: true, retryAfterSeconds: 7 });
  });

  test.each(['hang', 'stall'] as const)('%s: ended at the deadline', async (behaviour) => {
    await using provider = await startProvider(behaviour);
    const deadlines = controlDeadlines();
    const sending = sendByResend({ apiKey, from, baseUrl: provider.url }, email(), 60_000);
    await provider.waiting.then(deadlines.expire);
    const sent = await sending;
    expect(deadlines.durations()).toEqual([60_000]);
    expect(sent).toEqual({ ok: false, retry: true, reason: 'Resend did not answer within 60 seconds.' });
    await expect.poll(provider.openConnections).toBe(0);
  });
});
