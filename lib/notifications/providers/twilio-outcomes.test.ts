import { expect, test } from 'vitest';
import { controlDeadlines } from '#lib/testing/deadline.ts';
import type { TextOutcome } from './outcome.ts';
import { type Behaviour, startProvider } from './test-provider.ts';
import { twilioOutcomes } from './twilio-outcomes.ts';

const accountSid = `AC${'0'.repeat(32)}`;
const [first, second] = [`SM${'a'.repeat(32)}`, `SM${'b'.repeat(32)}`];
const going = new AbortController().signal;

const message = (status: string, error_code: number | null = null): Behaviour => ({
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

async function askAt(baseUrl: string, ids = [first], deadline?: number): Promise<TextOutcome[]> {
  const login = { user: accountSid, password: 'token' };
  const account = { accountSid, login, from: 'Acme', baseUrl };
  const texts = ids.map((providerId) => ({ providerId, sentAt: new Date() }));
  const outcomes: TextOutcome[] = [];
  for await (const outcome of twilioOutcomes(account, texts, going, deadline)) outcomes.push(outcome);
  return outcomes;
}

test('asks about each text by its id, with the credentials', async () => {
  await using provider = await startProvider(({ path }) =>
    message(path.includes(first) ? 'delivered' : 'sent'),
  );
  expect(await askAt(provider.url, [second, first])).toEqual([
    { providerId: first, outcome: { kind: 'delivered', at: new Date('2026-11-25T12:00:07Z'), reason: null } },
  ]);
  const credentials = Buffer.from(`${accountSid}:token`).toString('base64');
  expect(provider.requests).toMatchObject(
    [second, first].map((id) => ({
      method: 'GET',
      path: `/2010-04-01/Accounts/${accountSid}/Messages/${id}.json`,
      headers: { authorization: `Basic ${credentials}` },
    })),
  );
});

test.each(['accepted', 'scheduled', 'queued', 'sending', 'sent', 'something new'])(
  '%s is not the end',
  async (status) => {
    await using provider = await startProvider(message(status));
    expect(await askAt(provider.url)).toEqual([]);
  },
);

test.each<[string, number | null, RegExp]>([
  ['undelivered', 30003, /switched off/],
  ['undelivered', 30005, /no such phone number/],
  ['undelivered', 30006, /cannot receive texts/],
  ['undelivered', 30007, /spam/],
  ['failed', 21610, /opted out/],
  ['failed', 30450, /fraud/],
  ['failed', 39999, /could not be delivered \(Twilio's error 39999\)/],
  ['canceled', null, /could not be delivered\.$/],
])('%s with %s: failed, in our own words', async (status, code, reason) => {
  await using provider = await startProvider(message(status, code));
  const [found] = await askAt(provider.url);
  expect(found?.outcome).toMatchObject({ kind: 'failed', at: new Date('2026-11-25T12:00:07Z') });
  expect(found?.outcome.reason).toMatch(reason);
  expect(found?.outcome.reason).not.toMatch(/447894/);
});

test('a text that Twilio no longer knows keeps nobody from asking about the others', async () => {
  await using provider = await startProvider(({ path }) =>
    path.includes(first) ? { status: 404, body: '{"code":20404}' } : message('delivered'),
  );
  expect(await askAt(provider.url, [first, second])).toMatchObject([{ providerId: second }]);
});

test.each([
  ['credentials refused', { status: 401, body: '{"code":20003}' } as Behaviour],
  ['too many questions', { status: 429, body: '{"code":20429}' } as Behaviour],
  ['an error', { status: 500, body: '' } as Behaviour],
  ['nonsense', { status: 200, body: '<h1>Welcome to the hotel</h1>' } as Behaviour],
  ['a cut connection', 'cut' as const],
  ['no answer', 'hang' as const],
  ['half of one', 'stall' as const],
])('%s: thrown, and nobody goes on asking', async (_, behaviour) => {
  await using provider = await startProvider(behaviour);
  const deadlines = controlDeadlines();
  void provider.waiting.then(deadlines.expire);
  await expect(askAt(provider.url, [first, second], 60_000)).rejects.toThrow();
  expect(deadlines.durations()).toEqual([60_000]);
  expect(provider.requests).toHaveLength(1);
});
