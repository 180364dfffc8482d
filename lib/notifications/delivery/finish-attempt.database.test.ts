import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { readSummary } from '#lib/api-accounts/summary.ts';
import { WaitingTexts } from '#lib/testing/waiting-sms.ts';
import type { Attempt } from './begin-attempt.ts';
import { type FailedAttempt, markFailed, markSent, recordFailedAttempt } from './finish-attempt.ts';

let test: TestDatabase;
let texts: WaitingTexts;

beforeAll(async () => {
  test = await createTestDatabase();
  texts = await WaitingTexts.of(test.database);
});
afterAll(() => test.drop());

const fail = (attempt: Attempt, failed: FailedAttempt = { reason: 'The carrier is busy.' }) =>
  recordFailedAttempt(test.database, texts.sender, attempt, failed);

const sent = (id: string) => markSent(test.database, id, { provider: 'sns', providerId: 'text-1' });

describe('an attempt that fails', () => {
  it('frees the message, says when it is tried again, and queues that, at one time', async () => {
    const { id } = await texts.start();
    await fail(await texts.begin(id));
    const row = await texts.row(id);
    expect(row).toMatchObject({ state: 'queued', failure: 'The carrier is busy.', attemptUntil: null });
    const { rows } = await test.pool.query(
      "select start_after from pgboss.job where data->>'messageId' = $1 and name = 'send-text' order by created_on desc limit 1",
      [id],
    );
    expect(rows[0].start_after).toEqual(row?.nextAttemptAt);
    expect(await texts.laterJobs(id)).toEqual([2]);
  });

  it('queues nothing twice when it is written down twice', async () => {
    const { id } = await texts.start();
    const attempt = await texts.begin(id);
    await Promise.all([fail(attempt), fail(attempt), fail(attempt)]);
    expect(await texts.laterJobs(id)).toEqual([2]);
  });

  it('leaves a later attempt alone that has the message meanwhile', async () => {
    const { id } = await texts.start();
    const first = await texts.begin(id);
    await texts.letWaitPass(id);
    const second = await texts.begin(id);
    await fail(first);
    expect(await texts.row(id)).toMatchObject({
      attemptUntil: second.lease,
      nextAttemptAt: null,
      failure: null,
    });
  });

  it('is given up after the fifteenth', async () => {
    const { id } = await texts.start();
    await test.pool.query('update messages set attempts = 14 where id = $1', [id]);
    await fail(await texts.begin(id));
    expect(await texts.row(id)).toMatchObject({
      state: 'failed',
      attempts: 15,
      failure: 'The carrier is busy.',
    });
    expect(await texts.laterJobs(id)).toEqual([]);
  });

  it('is given up after the third that nobody answered, and says that it may have arrived', async () => {
    const { account, id } = await texts.start();
    for (const waits of [[30], [30, 300], [30, 300]]) {
      await fail(await texts.begin(id), { reason: 'No answer.', unanswered: true });
      expect(await texts.laterJobs(id)).toEqual(waits);
      await texts.letWaitPass(id);
    }
    expect(await texts.row(id)).toMatchObject({ state: 'failed', attempts: 3, unanswered: 3 });
    expect((await readSummary(test.database, account.id))?.deliveryFailures).toEqual([
      'The text may not have arrived: No answer. Nobody knows whether it went out, so it is not tried again: ask whether it arrived, and send it again if not.',
    ]);
  });
});

describe('a message that was accepted', () => {
  it.each(['queued', 'dropped', 'failed'])('is sent where it was %s meanwhile', async (state) => {
    const { id } = await texts.start();
    await texts.begin(id);
    await test.pool.query('update messages set state = $2 where id = $1', [id, state]);
    await sent(id);
    expect(await texts.row(id)).toMatchObject({
      state: 'sent',
      provider: 'sns',
      attemptUntil: null,
      nextAttemptAt: null,
      failure: null,
    });
  });
});

describe('a message that does not go out', () => {
  it('is shown on the account: first as tried again, then as failed, until it is sent or replaced', async () => {
    const { account, id } = await texts.start();
    const failures = async () => (await readSummary(test.database, account.id))?.deliveryFailures;
    expect(await failures()).toEqual([]);
    await fail(await texts.begin(id));
    expect(await failures()).toEqual([
      'The text has not gone out yet, and is being tried again: The carrier is busy.',
    ]);
    await test.pool.query(
      "update messages set next_attempt_at = date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' + interval '1 day 14:05' where id = $1",
      [id],
    );
    expect(await failures()).toEqual([
      'The text has not gone out yet, and is tried again at 14:05 UTC: The carrier is busy.',
    ]);
    await markFailed(test.database, id);
    expect(await failures()).toEqual(['The text could not be sent: The carrier is busy.']);
    await test.pool.query(
      "update messages set state = 'refused', failure = 'No texts go to France.' where id = $1",
      [id],
    );
    expect(await failures()).toEqual([]);
    expect((await readSummary(test.database, account.id))?.textRefused).toBe('No texts go to France.');
    await resetApiKey(test.database, texts.administrator, { id: account.id });
    expect(await failures()).toEqual([]);
  });
});
