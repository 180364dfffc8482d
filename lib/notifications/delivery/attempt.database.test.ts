import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import { WaitingSms } from '#lib/testing/waiting-sms.ts';
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
let sms: WaitingSms;

beforeAll(async () => {
  db = await createTestDatabase();
  sms = await WaitingSms.of(db.database);
});
afterAll(() => db.drop());

const begin = (id: string) => beginAttempt(db.database, sms.sender, id);

const recordFailure = (attempt: Attempt, failed: FailedAttempt = { reason: 'The carrier is busy.' }) =>
  recordFailedAttempt(db.database, sms.sender, attempt, failed);

const markSentBySns = (id: string) => markSent(db.database, id, { provider: 'sns', providerId: 'text-1' });

describe('beginAttempt', () => {
  it('leases the message to one of 20 concurrent attempts, and queues a job for the end of the lease for each other', async () => {
    const { id } = await sms.start();
    const attempts = await Promise.all(Array.from({ length: 20 }, () => begin(id)));
    expect(attempts.filter(Boolean)).toHaveLength(1);
    const delays = await sms.laterJobs(id);
    expect(delays).toHaveLength(19);
    for (const delay of delays) expect(delay).toBe(10);
  });

  it('leases the message again after the lease of a killed worker ends', async () => {
    const { id } = await sms.start();
    await sms.begin(id);
    expect(await begin(id)).toBeNull();
    await sms.letWaitPass(id);
    expect(await begin(id)).toMatchObject({ messageId: id });
  });

  it('requeues a message that is not due', async () => {
    const { id } = await sms.start();
    await recordFailure(await sms.begin(id), { reason: 'Slow down.', retryAfterSeconds: 600 });
    expect(await begin(id)).toBeNull();
    expect(await sms.laterJobs(id)).toEqual([600, 600]);
    await sms.letWaitPass(id);
    expect(await begin(id)).toMatchObject({ messageId: id });
    expect(await sms.row(id)).toMatchObject({ nextAttemptAt: null });
  });

  it('ignores a sent message and queues nothing', async () => {
    const { id } = await sms.start();
    await sms.begin(id);
    await markSentBySns(id);
    expect(await begin(id)).toBeNull();
    expect(await sms.laterJobs(id)).toEqual([]);
  });

  it('abandons a message after fifteen interrupted attempts', async () => {
    const { id } = await sms.start();
    for (let attempt = 1; attempt <= 15; attempt += 1) {
      await sms.begin(id);
      await sms.letWaitPass(id);
    }
    expect(await begin(id)).toBeNull();
    expect(await sms.row(id)).toMatchObject({
      state: 'failed',
      failure: 'Sending kept failing.',
    });
  });
});

describe('deferAttempt', () => {
  it('requeues the message for the end of its lease', async () => {
    const { id } = await sms.start();
    await deferAttempt(db.database, sms.sender, await sms.begin(id));
    expect(await sms.laterJobs(id)).toEqual([10]);
  });
});

describe('recordFailedAttempt', () => {
  it('ends the lease and queues the next attempt for the recorded time', async () => {
    const { id } = await sms.start();
    await recordFailure(await sms.begin(id));
    const row = await sms.row(id);
    expect(row).toMatchObject({ state: 'queued', failure: 'The carrier is busy.', attemptUntil: null });
    const { rows } = await db.pool.query(
      "select start_after from pgboss.job where data->>'messageId' = $1 and name = 'send-sms' order by created_on desc limit 1",
      [id],
    );
    expect(rows[0].start_after).toEqual(row?.nextAttemptAt);
    expect(await sms.laterJobs(id)).toEqual([2]);
  });

  it('queues one job if the failure is recorded three times concurrently', async () => {
    const { id } = await sms.start();
    const attempt = await sms.begin(id);
    await Promise.all([recordFailure(attempt), recordFailure(attempt), recordFailure(attempt)]);
    expect(await sms.laterJobs(id)).toEqual([2]);
  });

  it('does not affect a later attempt that has the lease', async () => {
    const { id } = await sms.start();
    const first = await sms.begin(id);
    await sms.letWaitPass(id);
    const second = await sms.begin(id);
    await recordFailure(first);
    expect(await sms.row(id)).toMatchObject({
      attemptUntil: second.lease,
      nextAttemptAt: null,
      failure: null,
    });
  });

  it('abandons the message after the fifteenth attempt', async () => {
    const { id } = await sms.start();
    await db.pool.query('update messages set attempts = 14 where id = $1', [id]);
    await recordFailure(await sms.begin(id));
    expect(await sms.row(id)).toMatchObject({
      state: 'failed',
      attempts: 15,
      failure: 'The carrier is busy.',
    });
    expect(await sms.laterJobs(id)).toEqual([]);
  });

  it('abandons the message after the third unanswered attempt and reports that it may have arrived', async () => {
    const { account, id } = await sms.start();
    for (const delays of [[30], [30, 300], [30, 300]]) {
      await recordFailure(await sms.begin(id), { reason: 'No response.', unanswered: true });
      expect(await sms.laterJobs(id)).toEqual(delays);
      await sms.letWaitPass(id);
    }
    expect(await sms.row(id)).toMatchObject({ state: 'failed', attempts: 3, unanswered: 3 });
    expect((await readSummary(db.database, account.id))?.deliveryFailures.map(({ text }) => text)).toEqual([
      'The text may not have arrived. No response. We can’t tell if it was sent. Ask the recipient, and resend it if it didn’t arrive.',
    ]);
  });
});

describe('markSent', () => {
  it.each(['queued', 'dropped', 'failed'])('marks a %s message as sent', async (state) => {
    const { id } = await sms.start();
    await sms.begin(id);
    await db.pool.query('update messages set state = $2 where id = $1', [id, state]);
    await markSentBySns(id);
    expect(await sms.row(id)).toMatchObject({
      state: 'sent',
      provider: 'sns',
      attemptUntil: null,
      nextAttemptAt: null,
      failure: null,
    });
  });
});

describe('deliveryFailures of an account', () => {
  it('shows the retry, then the failure, until the message is refused or replaced', async () => {
    const { account, id } = await sms.start();
    const readFailures = async () => (await readSummary(db.database, account.id))?.deliveryFailures;
    expect(await readFailures()).toEqual([]);
    await recordFailure(await sms.begin(id));
    expect(await readFailures()).toEqual([
      {
        text: 'The text hasn’t been sent yet. The carrier is busy. We’ll try again in a moment.',
        nextAttemptAt: null,
      },
    ]);
    const nextAttemptAt = new Date(Date.now() + 3_600_000);
    await db.pool.query('update messages set next_attempt_at = $2 where id = $1', [id, nextAttemptAt]);
    expect(await readFailures()).toEqual([
      { text: 'The text hasn’t been sent yet. The carrier is busy.', nextAttemptAt },
    ]);
    await abandonMessage(db.database, id);
    expect(await readFailures()).toEqual([
      { text: 'The text couldn’t be sent. The carrier is busy.', nextAttemptAt: null },
    ]);
    await db.pool.query(
      "update messages set state = 'refused', failure = 'texts to France are turned off' where id = $1",
      [id],
    );
    expect(await readFailures()).toEqual([]);
    expect((await readSummary(db.database, account.id))?.smsBlockedReason).toBe(
      'texts to France are turned off',
    );
    await resetApiKey(db.database, sms.administrator, { id: account.id });
    expect(await readFailures()).toEqual([]);
  });
});
