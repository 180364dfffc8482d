import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { WaitingTexts } from '#lib/testing/waiting-sms.ts';
import { beginAttempt, defer } from './begin-attempt.ts';
import { markSent, recordFailedAttempt } from './finish-attempt.ts';

let test: TestDatabase;
let texts: WaitingTexts;

beforeAll(async () => {
  test = await createTestDatabase();
  texts = await WaitingTexts.of(test.database);
});
afterAll(() => test.drop());

describe('beginAttempt', () => {
  it('of twenty at once lets one begin; each other comes back when that one must be over', async () => {
    const { id } = await texts.start();
    const all = Array.from({ length: 20 }, () => beginAttempt(test.database, texts.sender, id));
    expect((await Promise.all(all)).filter(Boolean)).toHaveLength(1);
    const waits = await texts.laterJobs(id);
    expect(waits).toHaveLength(19);
    for (const wait of waits) expect(wait).toBe(10);
  });

  it('begins again once the lease of one that was killed is over', async () => {
    const { id } = await texts.start();
    await texts.begin(id);
    expect(await beginAttempt(test.database, texts.sender, id)).toBeNull();
    await texts.letWaitPass(id);
    expect(await beginAttempt(test.database, texts.sender, id)).toMatchObject({ messageId: id });
  });

  it('does not begin before the time of the next attempt, and comes back then', async () => {
    const { id } = await texts.start();
    const failed = { reason: 'Slow down.', retryAfterSeconds: 600 };
    await recordFailedAttempt(test.database, texts.sender, await texts.begin(id), failed);
    expect(await beginAttempt(test.database, texts.sender, id)).toBeNull();
    expect(await texts.laterJobs(id)).toEqual([600, 600]);
    await texts.letWaitPass(id);
    expect(await beginAttempt(test.database, texts.sender, id)).toMatchObject({ messageId: id });
    expect(await texts.row(id)).toMatchObject({ nextAttemptAt: null });
  });

  it('begins nothing for a message that was sent, and queues nothing', async () => {
    const { id } = await texts.start();
    await texts.begin(id);
    await markSent(test.database, id, { provider: 'sns', providerId: 'text-1' });
    expect(await beginAttempt(test.database, texts.sender, id)).toBeNull();
    expect(await texts.laterJobs(id)).toEqual([]);
  });

  it('gives up a message whose workers are killed over and over', async () => {
    const { id } = await texts.start();
    for (let attempt = 1; attempt <= 15; attempt += 1) {
      await texts.begin(id);
      await texts.letWaitPass(id);
    }
    expect(await beginAttempt(test.database, texts.sender, id)).toBeNull();
    expect(await texts.row(id)).toMatchObject({
      state: 'failed',
      failure: 'The sending was interrupted again and again.',
    });
  });

  it('put off: comes back when its own lease is over', async () => {
    const { id } = await texts.start();
    await defer(test.database, texts.sender, await texts.begin(id));
    expect(await texts.laterJobs(id)).toEqual([10]);
  });
});
