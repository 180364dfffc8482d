import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testAccount } from '#lib/testing/accounts.ts';
import { DeliveryTestBed } from '#lib/testing/delivery-test-bed.ts';
import type { Behaviour } from '#lib/testing/fake-providers.ts';
import { atScale } from '#lib/testing/scale.ts';
import { TEST_TIMING } from '#lib/testing/worker-process.ts';

let testBed: DeliveryTestBed;

beforeEach(async () => {
  testBed = await DeliveryTestBed.start();
});
afterEach(() => testBed.close());

/** Waits until the queue has this many completed jobs and jobs that are not due for 9 minutes or more. */
async function waitForJobs(expected: { completed: number; waiting: number }): Promise<void> {
  for (;;) {
    const { rows } = await testBed.db.pool.query(`select
      (count(*) filter (where state = 'completed'))::int as completed,
      (count(*) filter (where state = 'created' and start_after > now() + interval '9 minutes'))::int as waiting
      from pgboss.job`);
    if (JSON.stringify(rows[0]) === JSON.stringify(expected)) return;
    await delay(50);
  }
}

/** Reads the seconds until the next attempt of each message, email first. */
const readDelays = async () => {
  const { rows } = await testBed.db.pool.query(
    'select extract(epoch from next_attempt_at - now())::float as wait from messages order by channel',
  );
  return rows.map((row) => row.wait);
};

/** The worker's response timeout. */
const RESPONSE_TIMEOUT_MS = atScale({ normal: 500, soak: TEST_TIMING.responseTimeoutMs });

const INVALID_RESPONSES: Behaviour[] = [
  { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<h1>Welcome to the hotel</h1>' },
  { status: 200, headers: { 'Content-Type': 'application/json' }, body: '{"id":"em' },
  { status: 200, body: '' },
  { status: 200, headers: { 'Content-Type': 'image/png' }, body: '\u0089PNG\u0000\u0001' },
  { status: 200, headers: { 'Content-Type': 'application/json' }, body: '{"id":17,"MessageId":null}' },
  { status: 204 },
  { status: 500, headers: { 'Content-Type': 'text/html' }, body: '<h1>Oh no</h1>' },
  'cut',
];

describe('worker with failing providers', () => {
  it('resends the same email until a hanging provider responds, but an SMS at most three times', async () => {
    const timeoutReason = `didn’t respond within ${RESPONSE_TIMEOUT_MS / 1_000} seconds.`;
    const account = await testAccount(testBed.db.database, testBed.administrator);
    testBed.providers.behave = ({ channel }) =>
      channel === 'sms' || testBed.providers.of('email').length === 1 ? 'hang' : 'accept';
    await testBed.startWorker({ timing: { ...TEST_TIMING, responseTimeoutMs: RESPONSE_TIMEOUT_MS } });
    await testBed.waitForMessages(
      "attempts = 1 and attempt_until is null and (channel = 'email' or unanswered = 1)",
    );
    expect(await testBed.failuresOf(account.id)).toEqual([
      `The email hasn’t been sent yet. Resend ${timeoutReason} We’ll try again in a moment.`,
      `The text hasn’t been sent yet. Amazon SNS ${timeoutReason} We’ll try again in a moment.`,
    ]);
    await testBed.letWaitPass();
    await testBed.waitForMessages(
      "case channel when 'sms' then unanswered = 2 and attempt_until is null else state = 'sent' end",
    );
    expect(new Set(testBed.providers.of('email').map(({ id, body }) => `${id} ${body}`)).size).toBe(1);
    expect(testBed.providers.of('email')).toHaveLength(2);
    expect((await readDelays())[1]).toBeGreaterThan(280);
    await testBed.letWaitPass();
    await testBed.waitForMessages("channel = 'email' or state = 'failed'");
    expect(await testBed.failuresOf(account.id)).toEqual([
      `The text may not have arrived. Amazon SNS ${timeoutReason} We can’t tell if it was sent. ` +
        'Ask the recipient, and resend it if it didn’t arrive.',
    ]);
    expect(testBed.providers.of('sms')).toHaveLength(3);
  }, 90_000);

  it('does not retry before the Retry-After of a 429, even if the job runs early', async () => {
    const account = await testAccount(testBed.db.database, testBed.administrator);
    testBed.providers.behave = ({ channel }) => ({
      status: 429,
      headers: { 'Retry-After': '600' },
      body: channel === 'email' ? '{"statusCode":429,"name":"rate_limit_exceeded","message":"slow"}' : '',
    });
    await testBed.startWorker();
    await testBed.waitForMessages('next_attempt_at is not null');
    for (const wait of await readDelays()) expect(wait).toBeGreaterThan(540);
    expect(await testBed.failuresOf(account.id)).toEqual([
      'The email hasn’t been sent yet. Resend is limiting how fast we send.',
      'The text hasn’t been sent yet. Amazon SNS is limiting how fast we send.',
    ]);
    // A job that runs too early, as after a kill between two writes, sends nothing and is requeued.
    await testBed.letWaitPass({ jobsOnly: true });
    await waitForJobs({ completed: 4, waiting: 2 });
    expect(testBed.providers.received).toHaveLength(2);
    testBed.providers.behave = () => 'accept';
    await testBed.letWaitPass();
    await testBed.waitForMessages("state = 'sent'");
    expect(testBed.providers.received).toHaveLength(4);
    expect(await testBed.failuresOf(account.id)).toEqual([]);
  }, 60_000);

  it('reports an invalid response and retries once', async () => {
    const accounts = [];
    for (let index = 0; index < INVALID_RESPONSES.length; index += 1) {
      const phone = `+44789415${1_000 + index}`;
      accounts.push(await testAccount(testBed.db.database, testBed.administrator, { phone }));
    }
    const firstAttempts = new Map<string, number>();
    testBed.providers.behave = ({ id, channel }) => {
      if (firstAttempts.has(id)) return 'accept';
      firstAttempts.set(id, [...firstAttempts.keys()].length);
      return INVALID_RESPONSES[testBed.providers.of(channel).length % INVALID_RESPONSES.length] ?? 'accept';
    };
    await testBed.startWorker();
    await testBed.waitForMessages("attempts = 1 and failure is not null or state = 'sent'");
    await testBed.waitForMessages("state = 'sent' or attempt_until is null");
    const failures = (await Promise.all(accounts.map(({ id }) => testBed.failuresOf(id)))).flat();
    for (const failure of failures) {
      expect(failure).toMatch(
        /^The (email|text) hasn’t been sent yet\. (Resend|Amazon SNS|The answer).* We’ll try again in a moment\.$/,
      );
    }
    expect(failures.filter((failure) => failure.startsWith('The text'))).toHaveLength(
      INVALID_RESPONSES.length,
    );
    await testBed.letWaitPass();
    await testBed.waitForMessages("state = 'sent'");
    for (const id of firstAttempts.keys()) {
      const attempts = testBed.providers.received.filter((message) => message.id === id);
      expect(attempts).toHaveLength(2);
      expect(attempts[1]?.body).toBe(attempts[0]?.body);
    }
  }, 60_000);

  it('counts nothing as sent or unanswered without DNS, and sends each message once afterwards', async () => {
    const account = await testAccount(testBed.db.database, testBed.administrator);
    const withoutDns = await testBed.startWorker({ providerUrl: 'http://provider.invalid' });
    await testBed.waitForMessages('next_attempt_at is not null');
    await testBed.waitForMessages('unanswered = 0');
    expect(await testBed.failuresOf(account.id)).toEqual([
      expect.stringMatching(/^The email hasn’t been sent yet.*Resend couldn’t be reached/),
      expect.stringMatching(/^The text hasn’t been sent yet.*Amazon SNS couldn’t be reached/),
    ]);
    await withoutDns.stop();
    await testBed.startWorker();
    await testBed.letWaitPass();
    await testBed.waitForMessages("state = 'sent'");
    expect(testBed.providers.received).toHaveLength(2);
  }, 60_000);
});
