import { describe, expect, it } from 'vitest';
import { controlDeadlines } from '#lib/testing/deadline.ts';
import type { SmsOutcome } from './outcome.ts';
import { type Behaviour, startProvider } from './test-provider.ts';
import { fetchTwilioOutcomes } from './twilio-outcomes.ts';

const accountSid = `AC${'0'.repeat(32)}`;
const [firstId, secondId] = [`SM${'a'.repeat(32)}`, `SM${'b'.repeat(32)}`];
const stopSignal = new AbortController().signal;

const createMessageResponse = (status: string, error_code: number | null = null): Behaviour => ({
  status: 200,
  body: JSON.stringify({
    status,
    error_code,
    error_message: 'to +447894123456',
    date_updated: 'Wed, 25 Nov 2026 12:00:07 +0000',
    to: '+447894123456',
    body: 'Acme: 123456 is your code.',
  }),
});

async function fetchOutcomes(baseUrl: string, ids = [firstId], timeoutMs?: number): Promise<SmsOutcome[]> {
  const login = { user: accountSid, password: 'token' };
  const account = { accountSid, login, from: 'Acme', baseUrl };
  const messages = ids.map((providerId) => ({ providerId, sentAt: new Date() }));
  const outcomes: SmsOutcome[] = [];
  for await (const outcome of fetchTwilioOutcomes(account, messages, stopSignal, timeoutMs))
    outcomes.push(outcome);
  return outcomes;
}

describe('fetchTwilioOutcomes', () => {
  it('queries each SMS by its id, with the credentials', async () => {
    await using provider = await startProvider(({ path }) =>
      createMessageResponse(path.includes(firstId) ? 'delivered' : 'sent'),
    );
    expect(await fetchOutcomes(provider.url, [secondId, firstId])).toEqual([
      {
        providerId: firstId,
        outcome: { kind: 'delivered', at: new Date('2026-11-25T12:00:07Z'), reason: null },
      },
    ]);
    const credentials = Buffer.from(`${accountSid}:token`).toString('base64');
    expect(provider.requests).toMatchObject(
      [secondId, firstId].map((id) => ({
        method: 'GET',
        path: `/2010-04-01/Accounts/${accountSid}/Messages/${id}.json`,
        headers: { authorization: `Basic ${credentials}` },
      })),
    );
  });

  it.each(['accepted', 'scheduled', 'queued', 'sending', 'sent', 'something new'])(
    'skips an SMS with the status %s, which is not final',
    async (status) => {
      await using provider = await startProvider(createMessageResponse(status));
      expect(await fetchOutcomes(provider.url)).toEqual([]);
    },
  );

  it.each<[string, number | null, RegExp]>([
    ['undelivered', 30003, /may be off/],
    ['undelivered', 30005, /doesn’t exist/],
    ['undelivered', 30006, /can’t receive texts/],
    ['undelivered', 30007, /spam/],
    ['failed', 21610, /opted out/],
    ['failed', 30450, /fraud/],
    ['failed', 39999, /gave no reason \(Twilio error 39999\)/],
    ['canceled', null, /gave no reason\.$/],
  ])('maps %s with code %s to a failure with our own reason', async (status, code, reason) => {
    await using provider = await startProvider(createMessageResponse(status, code));
    const [result] = await fetchOutcomes(provider.url);
    expect(result?.outcome).toMatchObject({ kind: 'failed', at: new Date('2026-11-25T12:00:07Z') });
    expect(result?.outcome.reason).toMatch(reason);
    expect(result?.outcome.reason).not.toMatch(/447894/);
  });

  it('skips an SMS that Twilio does not know', async () => {
    await using provider = await startProvider(({ path }) =>
      path.includes(firstId) ? { status: 404, body: '{"code":20404}' } : createMessageResponse('delivered'),
    );
    expect(await fetchOutcomes(provider.url, [firstId, secondId])).toMatchObject([{ providerId: secondId }]);
  });

  it.each([
    ['rejected credentials', { status: 401, body: '{"code":20003}' } as Behaviour],
    ['too many requests', { status: 429, body: '{"code":20429}' } as Behaviour],
    ['an error', { status: 500, body: '' } as Behaviour],
    ['an invalid body', { status: 200, body: '<h1>Welcome to the hotel</h1>' } as Behaviour],
    ['a cut connection', 'cut' as const],
    ['no response', 'hang' as const],
    ['a partial response', 'stall' as const],
  ])('throws on %s and stops querying', async (_, behaviour) => {
    await using provider = await startProvider(behaviour);
    const deadlines = controlDeadlines();
    void provider.clientWaiting.then(deadlines.expire);
    await expect(fetchOutcomes(provider.url, [firstId, secondId], 60_000)).rejects.toThrow();
    expect(deadlines.getDurations()).toEqual([60_000]);
    expect(provider.requests).toHaveLength(1);
  });
});
