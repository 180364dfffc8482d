import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { testAccount } from '#lib/testing/accounts.ts';
import type { Behaviour } from '#lib/testing/providers.ts';
import { atScale } from '#lib/testing/scale.ts';
import { Sending } from '#lib/testing/sending.ts';
import { TEST_TIMING } from '#lib/testing/worker-process.ts';

let sending: Sending;

beforeEach(async () => {
  sending = await Sending.start();
});
afterEach(() => sending.close());

/** Waits until there are so many of the queue's jobs, those that wait for minutes apart. */
async function jobsAre(expected: { completed: number; waiting: number }): Promise<void> {
  for (;;) {
    const { rows } = await sending.test.pool.query(`select
      (count(*) filter (where state = 'completed'))::int as completed,
      (count(*) filter (where state = 'created' and start_after > now() + interval '9 minutes'))::int as waiting
      from pgboss.job`);
    if (JSON.stringify(rows[0]) === JSON.stringify(expected)) return;
    await delay(50);
  }
}

const seconds = async () => {
  const { rows } = await sending.test.pool.query(
    'select extract(epoch from next_attempt_at - now())::float as wait from messages order by channel',
  );
  return rows.map((row) => row.wait);
};

/** How long a provider that hangs is waited for. */
const ANSWER_WITHIN_MS = atScale({ normal: 500, soak: TEST_TIMING.answerWithinMs });

it('sends the same email until a provider that hangs answers, and at most three texts', async () => {
  const late = `did not answer within ${ANSWER_WITHIN_MS / 1_000} seconds.`;
  const account = await testAccount(sending.test.database, sending.administrator);
  sending.providers.behave = ({ channel }) =>
    channel === 'sms' || sending.providers.of('email').length === 1 ? 'hang' : 'accept';
  await sending.startWorker({ timing: { ...TEST_TIMING, answerWithinMs: ANSWER_WITHIN_MS } });
  await sending.allAre("attempts = 1 and attempt_until is null and (channel = 'email' or unanswered = 1)");
  expect(await sending.failuresOf(account.id)).toEqual([
    `The email has not gone out yet, and is being tried again: Resend ${late}`,
    `The text has not gone out yet, and is being tried again: Amazon SNS ${late}`,
  ]);
  await sending.letWaitPass();
  await sending.allAre(
    "case channel when 'sms' then unanswered = 2 and attempt_until is null else state = 'sent' end",
  );
  expect(new Set(sending.providers.of('email').map(({ id, body }) => `${id} ${body}`)).size).toBe(1);
  expect(sending.providers.of('email')).toHaveLength(2);
  expect((await seconds())[1]).toBeGreaterThan(280);
  await sending.letWaitPass();
  await sending.allAre("channel = 'email' or state = 'failed'");
  expect(await sending.failuresOf(account.id)).toEqual([
    `The text may not have arrived: Amazon SNS ${late} Nobody knows whether it went out, ` +
      'so it is not tried again: ask whether it arrived, and send it again if not.',
  ]);
  expect(sending.providers.of('sms')).toHaveLength(3);
}, 90_000);

it('429 with Retry-After: not asked again sooner, whatever the queue does', async () => {
  const account = await testAccount(sending.test.database, sending.administrator);
  sending.providers.behave = ({ channel }) => ({
    status: 429,
    headers: { 'Retry-After': '600' },
    body: channel === 'email' ? '{"statusCode":429,"name":"rate_limit_exceeded","message":"slow"}' : '',
  });
  await sending.startWorker();
  await sending.allAre('next_attempt_at is not null');
  for (const wait of await seconds()) expect(wait).toBeGreaterThan(540);
  expect(await sending.failuresOf(account.id)).toEqual([
    expect.stringMatching(
      /^The email .* is tried again at \d\d:\d\d UTC: Resend asks to send more slowly\.$/,
    ),
    expect.stringMatching(
      /^The text .* is tried again at \d\d:\d\d UTC: Amazon SNS asks to send more slowly\.$/,
    ),
  ]);
  // A job that comes too early, as after a kill between two writes, asks nobody and comes back.
  await sending.letWaitPass({ jobsOnly: true });
  await jobsAre({ completed: 4, waiting: 2 });
  expect(sending.providers.taken).toHaveLength(2);
  sending.providers.behave = () => 'accept';
  await sending.letWaitPass();
  await sending.allAre("state = 'sent'");
  expect(sending.providers.taken).toHaveLength(4);
  expect(await sending.failuresOf(account.id)).toEqual([]);
}, 60_000);

const NONSENSE: Behaviour[] = [
  { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<h1>Welcome to the hotel</h1>' },
  { status: 200, headers: { 'Content-Type': 'application/json' }, body: '{"id":"em' },
  { status: 200, body: '' },
  { status: 200, headers: { 'Content-Type': 'image/png' }, body: '\u0089PNG\u0000\u0001' },
  { status: 200, headers: { 'Content-Type': 'application/json' }, body: '{"id":17,"MessageId":null}' },
  { status: 204 },
  { status: 500, headers: { 'Content-Type': 'text/html' }, body: '<h1>Oh no</h1>' },
  'cut',
];

it('nonsense for an answer: said so, and asked once more', async () => {
  const accounts = [];
  for (let index = 0; index < NONSENSE.length; index += 1) {
    const phone = `+44789415${1_000 + index}`;
    accounts.push(await testAccount(sending.test.database, sending.administrator, { phone }));
  }
  const met = new Map<string, number>();
  sending.providers.behave = ({ id, channel }) => {
    if (met.has(id)) return 'accept';
    met.set(id, [...met.keys()].length);
    return NONSENSE[sending.providers.of(channel).length % NONSENSE.length] ?? 'accept';
  };
  await sending.startWorker();
  await sending.allAre("attempts = 1 and failure is not null or state = 'sent'");
  await sending.allAre("state = 'sent' or attempt_until is null");
  const words = (await Promise.all(accounts.map(({ id }) => sending.failuresOf(id)))).flat();
  for (const sentence of words) {
    expect(sentence).toMatch(
      /^The (email|text) has not gone out yet, and is being tried again: (Resend|Amazon SNS|The answer)/,
    );
  }
  expect(words.filter((sentence) => sentence.startsWith('The text'))).toHaveLength(NONSENSE.length);
  await sending.letWaitPass();
  await sending.allAre("state = 'sent'");
  for (const id of met.keys()) {
    const sendings = sending.providers.taken.filter((message) => message.id === id);
    expect(sendings).toHaveLength(2);
    expect(sendings[1]?.body).toBe(sendings[0]?.body);
  }
}, 60_000);

it('no DNS: nothing counts as sent or doubtful, and all goes out once when it is back', async () => {
  const account = await testAccount(sending.test.database, sending.administrator);
  const lost = await sending.startWorker({ providerUrl: 'http://provider.invalid' });
  await sending.allAre('next_attempt_at is not null');
  await sending.allAre('unanswered = 0');
  expect(await sending.failuresOf(account.id)).toEqual([
    expect.stringMatching(/^The email has not gone out yet.*Resend could not be reached/),
    expect.stringMatching(/^The text has not gone out yet.*Amazon SNS could not be reached/),
  ]);
  await lost.stop();
  await sending.startWorker();
  await sending.letWaitPass();
  await sending.allAre("state = 'sent'");
  expect(sending.providers.taken).toHaveLength(2);
}, 60_000);
