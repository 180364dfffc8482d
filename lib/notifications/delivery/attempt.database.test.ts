import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import { QueuedSms } from '#lib/testing/queued-sms.ts';
import {
  type Attempt,
  abandonMessage,
  beginAttempt,
  deferAttempt,
  type FailedAttempt,
  markSent,
  recordFailedAttempt,
} from './attempt.ts';

let db: TestDatabase;
let sms: QueuedSms;

beforeAll(async () => {
  db = await createTestDatabase();
  sms = await QueuedSms.create(db.database);
});
afterAll(() => db.drop());

const begin = (id: string) => beginAttempt(db.database, sms.queue, id);

const recordFailure = (attempt: Attempt, failedAttempt: FailedAttempt = { reason: 'The carrier is busy.' }) =>
  recordFailedAttempt(db.database, sms.queue, attempt, failedAttempt);

const markSentBySns = (id: string) => markSent(db.database, id, { provider: 'sns', providerId: 'sms-1' });

describe('beginAttempt', () => {
  it('leases the message to one of 20 concurrent attempts, and queues a job for the end of the lease for each other', async () => {
    const { id } = await sms.createAccount();
    const attempts = await Promise.all(Array.from({ length: 20 }, () => begin(id)));
    expect(attempts.filter(Boolean)).toHaveLength(1);
    const delays = await sms.readRetryDelays(id);
    expect(delays).toHaveLength(19);
    for (const delay of delays) expect(delay).toBe(10);
  });

  it('leases the message again after the lease of a killed worker ends', async () => {
    const { id } = await sms.createAccount();
    await sms.beginAttempt(id);
    expect(await begin(id)).toBeNull();
    await sms.skipWait(id);
    expect(await begin(id)).toMatchObject({ messageId: id });
  });

  it('queues a later job for a message that is not due', async () => {
    const { id } = await sms.createAccount();
    await recordFailure(await sms.beginAttempt(id), { reason: 'Slow down.', retryAfterSeconds: 600 });
    expect(await begin(id)).toBeNull();
    expect(await sms.readRetryDelays(id)).toEqual([600, 600]);
    await sms.skipWait(id);
    expect(await begin(id)).toMatchObject({ messageId: id });
    expect(await sms.readRow(id)).toMatchObject({ nextAttemptAt: null });
  });

  it('ignores a sent message and queues no job', async () => {
    const { id } = await sms.createAccount();
    await sms.beginAttempt(id);
    await markSentBySns(id);
    expect(await begin(id)).toBeNull();
    expect(await sms.readRetryDelays(id)).toEqual([]);
  });

  it('abandons a message after fifteen interrupted attempts', async () => {
    const { id } = await sms.createAccount();
    for (let attempt = 1; attempt <= 15; attempt += 1) {
      await sms.beginAttempt(id);
      await sms.skipWait(id);
    }
    expect(await begin(id)).toBeNull();
    expect(await sms.readRow(id)).toMatchObject({
      state: 'failed',
      failure: 'Sending kept failing.',
    });
  });
});

describe('deferAttempt', () => {
  it('queues a job for the end of the lease', async () => {
    const { id } = await sms.createAccount();
    await deferAttempt(db.database, sms.queue, await sms.beginAttempt(id));
    expect(await sms.readRetryDelays(id)).toEqual([10]);
  });
});

describe('recordFailedAttempt', () => {
  it('ends the lease and queues the next attempt for the recorded time', async () => {
    const { id } = await sms.createAccount();
    await recordFailure(await sms.beginAttempt(id));
    const row = await sms.readRow(id);
    expect(row).toMatchObject({ state: 'queued', failure: 'The carrier is busy.', attemptUntil: null });
    const { rows } = await db.pool.query(
      "select start_after from pgboss.job where data->>'messageId' = $1 and name = 'send-sms' order by created_on desc limit 1",
      [id],
    );
    expect(rows[0].start_after).toEqual(row?.nextAttemptAt);
    expect(await sms.readRetryDelays(id)).toEqual([2]);
  });

  it('queues one job if the failure is recorded three times concurrently', async () => {
    const { id } = await sms.createAccount();
    const attempt = await sms.beginAttempt(id);
    await Promise.all([recordFailure(attempt), recordFailure(attempt), recordFailure(attempt)]);
    expect(await sms.readRetryDelays(id)).toEqual([2]);
  });

  it('does nothing if a later attempt has the lease', async () => {
    const { id } = await sms.createAccount();
    const first = await sms.beginAttempt(id);
    await sms.skipWait(id);
    const second = await sms.beginAttempt(id);
    await recordFailure(first);
    expect(await sms.readRow(id)).toMatchObject({
      attemptUntil: second.leaseEndsAt,
      nextAttemptAt: null,
      failure: null,
    });
  });

  it('abandons the message after the fifteenth attempt', async () => {
    const { id } = await sms.createAccount();
    await db.pool.query('update messages set attempts = 14 where id = $1', [id]);
    await recordFailure(await sms.beginAttempt(id));
    expect(await sms.readRow(id)).toMatchObject({
      state: 'failed',
      attempts: 15,
      failure: 'The carrier is busy.',
    });
    expect(await sms.readRetryDelays(id)).toEqual([]);
  });

  it('abandons the message after the third unanswered attempt and reports that it may have arrived', async () => {
    const { account, id } = await sms.createAccount();
    for (const delays of [[30], [30, 300], [30, 300]]) {
      await recordFailure(await sms.beginAttempt(id), { reason: 'No response.', isUnanswered: true });
      expect(await sms.readRetryDelays(id)).toEqual(delays);
      await sms.skipWait(id);
    }
    expect(await sms.readRow(id)).toMatchObject({ state: 'failed', attempts: 3, unanswered: 3 });
    expect((await readSummary(db.database, account.id))?.deliveryProblems.map(({ text }) => text)).toEqual([
      'The text may not have arrived. No response. We can’t tell if it was sent. Ask the recipient, and resend it if it didn’t arrive.',
    ]);
  });
});

describe('markSent', () => {
  it.each(['queued', 'dropped', 'failed'])('marks a %s message as sent', async (state) => {
    const { id } = await sms.createAccount();
    await sms.beginAttempt(id);
    await db.pool.query('update messages set state = $2 where id = $1', [id, state]);
    await markSentBySns(id);
    expect(await sms.readRow(id)).toMatchObject({
      state: 'sent',
      provider: 'sns',
      attemptUntil: null,
      nextAttemptAt: null,
      failure: null,
    });
  });
});

describe('deliveryProblems of an account', () => {
  it('shows the retry, then the failure, until the message is refused or replaced', async () => {
    const { account, id } = await sms.createAccount();
    const readProblems = async () => (await readSummary(db.database, account.id))?.deliveryProblems;
    expect(await readProblems()).toEqual([]);
    await recordFailure(await sms.beginAttempt(id));
    expect(await readProblems()).toEqual([
      {
        message: 'text',
        label: 'Text delayed',
        text: 'The text hasn’t been sent yet. The carrier is busy. We’ll try again in a moment.',
        nextAttemptAt: null,
      },
    ]);
    const nextAttemptAt = new Date(Date.now() + 3_600_000);
    await db.pool.query('update messages set next_attempt_at = $2 where id = $1', [id, nextAttemptAt]);
    expect(await readProblems()).toMatchObject([
      { text: 'The text hasn’t been sent yet. The carrier is busy.', nextAttemptAt },
    ]);
    await abandonMessage(db.database, id);
    expect(await readProblems()).toMatchObject([
      {
        label: 'Text not sent',
        text: 'The text couldn’t be sent. The carrier is busy.',
        nextAttemptAt: null,
      },
    ]);
    await db.pool.query(
      "update messages set state = 'refused', failure = 'texts to France are turned off' where id = $1",
      [id],
    );
    expect(await readProblems()).toEqual([]);
    expect((await readSummary(db.database, account.id))?.smsBlockedReason).toBe(
      'texts to France are turned off',
    );
    await resetApiKey(db.database, sms.administrator, { id: account.id });
    expect(await readProblems()).toEqual([]);
  });
});
