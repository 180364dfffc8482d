import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestAccount } from '#lib/testing/accounts.ts';
import { DeliveryTestBed } from '#lib/testing/delivery-test-bed.ts';
import type { Behaviour } from '#lib/testing/fake-providers.ts';
import { itInSoak } from '#lib/testing/it-in-soak.ts';
import { atScale } from '#lib/testing/scale.ts';
import { TEST_TIMING } from '#lib/testing/worker-process.ts';

let testBed: DeliveryTestBed;

beforeEach(async () => {
  testBed = await DeliveryTestBed.start();
});
afterEach(() => testBed.close());

/**
 * Waits until there are at least this many completed jobs, and exactly this many that are due in 9 minutes or later. There
 * are more completed jobs if attempts were deferred on a busy machine.
 */
async function waitForJobs(expected: { completed: number; dueLater: number }): Promise<void> {
  for (;;) {
    const { rows } = await testBed.db.pool.query(`select
      (count(*) filter (where state = 'completed'))::int as completed,
      (count(*) filter (where state = 'created' and start_after > now() + interval '9 minutes'))::int as "dueLater"
      from pgboss.job`);
    if (rows[0].completed >= expected.completed && rows[0].dueLater === expected.dueLater) return;
    await delay(50);
  }
}

/** Reads the seconds until the next attempt of each message, email first. */
const readDelays = async () => {
  const { rows } = await testBed.db.pool.query(
    'select extract(epoch from next_attempt_at - now())::float as delay from messages order by channel',
  );
  return rows.map((row) => row.delay);
};

/**
 * Postpones retries, so that a slow machine has the time to read all failures before the first retry. By less than a
 * minute, because a later retry would not be "in a moment". A job still runs at the earlier time, and is then deferred.
 */
async function postponeRetries(): Promise<void> {
  await testBed.db.pool.query(`
    create function postpone_retry() returns trigger language plpgsql as
      $$ begin new.next_attempt_at := new.next_attempt_at + interval '20 seconds'; return new; end $$;
    create trigger postpone_retry before update of next_attempt_at on messages
      for each row when (new.next_attempt_at > now()) execute function postpone_retry()`);
}

/** Undoes `postponeRetries`, and makes all retries due. */
async function startRetries(): Promise<void> {
  await testBed.db.pool.query('drop trigger postpone_retry on messages');
  await testBed.skipWait();
}

/** The worker's response timeout. */
const RESPONSE_TIMEOUT_MS = atScale({ normal: 500, soak: TEST_TIMING.responseTimeoutMs });

const UNUSABLE_RESPONSES: Behaviour[] = [
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
  it('sends the same email until a hanging provider responds, but an SMS at most three times', async () => {
    const timeoutReason = `didn’t respond within ${RESPONSE_TIMEOUT_MS / 1_000} seconds.`;
    const account = await createTestAccount(testBed.db.database, testBed.administrator);
    testBed.providers.behave = ({ channel }) =>
      channel === 'sms' || testBed.providers.getReceived('email').length === 1 ? 'hang' : 'accept';
    await postponeRetries();
    await testBed.startWorker({ timing: { ...TEST_TIMING, responseTimeoutMs: RESPONSE_TIMEOUT_MS } });
    await testBed.waitForMessages(
      "attempts = 1 and attempt_until is null and (channel = 'email' or unanswered = 1)",
    );
    expect(await testBed.readFailures(account.id)).toEqual([
      `The email hasn’t been sent yet. Resend ${timeoutReason} We’ll try again in a moment.`,
      `The text hasn’t been sent yet. Amazon SNS ${timeoutReason} We’ll try again in a moment.`,
    ]);
    await startRetries();
    await testBed.waitForMessages(
      "case channel when 'sms' then unanswered = 2 and attempt_until is null else state = 'sent' end",
    );
    expect(new Set(testBed.providers.getReceived('email').map(({ id, body }) => `${id} ${body}`)).size).toBe(
      1,
    );
    expect(testBed.providers.getReceived('email')).toHaveLength(2);
    // The second unanswered attempt of an SMS delays the next one by five minutes.
    expect((await readDelays())[1]).toBeGreaterThan(280);
    await testBed.skipWait();
    await testBed.waitForMessages("channel = 'email' or state = 'failed'");
    expect(await testBed.readFailures(account.id)).toEqual([
      `The text may not have arrived. Amazon SNS ${timeoutReason} We can’t tell if it was sent. ` +
        'Ask the recipient, and resend it if it didn’t arrive.',
    ]);
    expect(testBed.providers.getReceived('sms')).toHaveLength(3);
  });

  itInSoak('does not retry before the Retry-After of a 429, even if the job runs early', async () => {
    const account = await createTestAccount(testBed.db.database, testBed.administrator);
    testBed.providers.behave = ({ channel }) => ({
      status: 429,
      headers: { 'Retry-After': '600' },
      body: channel === 'email' ? '{"statusCode":429,"name":"rate_limit_exceeded","message":"slow"}' : '',
    });
    await testBed.startWorker();
    await testBed.waitForMessages('next_attempt_at is not null');
    for (const seconds of await readDelays()) expect(seconds).toBeGreaterThan(540);
    expect(await testBed.readFailures(account.id)).toEqual([
      'The email hasn’t been sent yet. Resend is limiting how fast we send.',
      'The text hasn’t been sent yet. Amazon SNS is limiting how fast we send.',
    ]);
    // A job that runs too early sends nothing, and a new job is queued.
    await testBed.skipWait({ jobsOnly: true });
    await waitForJobs({ completed: 4, dueLater: 2 });
    expect(testBed.providers.received).toHaveLength(2);
    testBed.providers.behave = () => 'accept';
    await testBed.skipWait();
    await testBed.waitForMessages("state = 'sent'");
    expect(testBed.providers.received).toHaveLength(4);
    expect(await testBed.readFailures(account.id)).toEqual([]);
  });

  itInSoak('reports an unusable response, and sends the same message again', async () => {
    const accounts = [];
    for (let index = 0; index < UNUSABLE_RESPONSES.length; index += 1) {
      const phone = `+44789415${1_000 + index}`;
      accounts.push(await createTestAccount(testBed.db.database, testBed.administrator, { phone }));
    }
    const attemptedIds = new Set<string>();
    testBed.providers.behave = ({ id, channel }) => {
      if (attemptedIds.has(id)) return 'accept';
      attemptedIds.add(id);
      return (
        UNUSABLE_RESPONSES[testBed.providers.getReceived(channel).length % UNUSABLE_RESPONSES.length] ??
        'accept'
      );
    };
    await postponeRetries();
    await testBed.startWorker();
    await testBed.waitForMessages('attempts = 1 and failure is not null and attempt_until is null');
    const failures = (await Promise.all(accounts.map(({ id }) => testBed.readFailures(id)))).flat();
    for (const failure of failures) {
      expect(failure).toMatch(
        /^The (email|text) hasn’t been sent yet\. (Resend|Amazon SNS).* We’ll try again in a moment\.$/,
      );
    }
    expect(failures.filter((failure) => failure.startsWith('The text'))).toHaveLength(
      UNUSABLE_RESPONSES.length,
    );
    await startRetries();
    await testBed.waitForMessages("state = 'sent'");
    for (const id of attemptedIds) {
      const attempts = testBed.providers.received.filter((message) => message.id === id);
      expect(attempts).toHaveLength(2);
      expect(attempts[1]?.body).toBe(attempts[0]?.body);
    }
  });

  it('counts no message as sent and no attempt as unanswered without DNS, and sends each message once afterwards', async () => {
    const account = await createTestAccount(testBed.db.database, testBed.administrator);
    const workerWithoutDns = await testBed.startWorker({ providerUrl: 'http://provider.invalid' });
    await testBed.waitForMessages('next_attempt_at is not null');
    await testBed.waitForMessages('unanswered = 0');
    expect(await testBed.readFailures(account.id)).toEqual([
      expect.stringMatching(/^The email hasn’t been sent yet.*Resend couldn’t be reached/),
      expect.stringMatching(/^The text hasn’t been sent yet.*Amazon SNS couldn’t be reached/),
    ]);
    await workerWithoutDns.stop();
    await testBed.startWorker();
    await testBed.skipWait();
    await testBed.waitForMessages("state = 'sent'");
    expect(testBed.providers.received).toHaveLength(2);
  });
});
