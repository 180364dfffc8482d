import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { withTransaction } from '#db/with-transaction.ts';
import { createTestAuditLog, rehash, type TestAuditLog } from '#lib/testing/audit-log.ts';
import { recordAuditEvent } from './record.ts';
import { verifyAuditLog } from './verify.ts';
import type { Checkpoint } from './verify-ends.ts';

let test: TestAuditLog;
beforeAll(async () => {
  test = await createTestAuditLog(12);
});
afterEach(() => test.restore());
afterAll(() => test.drop());

const tamper = (statement: string) => test.pool.query(statement);
const verify = (noted: Checkpoint[] = []) => verifyAuditLog(test.database, noted);

describe('notices a beginning that was cut off:', () => {
  /** What a thief who knows the scheme leaves: the rest of the chain, with another person in entry 9. */
  async function cutOff(upTo: number): Promise<void> {
    await tamper(
      `update audit_chain set start_position = e.position, start_digest = e.digest from audit_events e where e.position = ${upTo}`,
    );
    await tamper(`delete from audit_events where position <= ${upTo}`);
    await tamper('update audit_events set user_id = gen_random_uuid() where position = 9');
    await rehash(test, upTo + 1);
  }
  const NOT_ON_RECORD = 'no entry says that the retention has thrown them away';

  it('without an entry that says so, whatever was noted', async () => {
    const { last } = await verify();
    await cutOff(7);
    expect((await verify()).wrong).toMatchObject({
      position: 7,
      words: expect.stringContaining(NOT_ON_RECORD),
    });
    expect((await verify([{ position: 6, digest: 'x' }])).wrong?.words).toContain(NOT_ON_RECORD);
    expect((await verify([last])).wrong?.words).toContain('another digest than the one that was noted');
  });

  /** An entry such as the retention makes, in the words of the thief. */
  const claim = (details: Record<string, unknown>) =>
    withTransaction(test.database, async (transaction) =>
      recordAuditEvent(transaction, 'audit.pruned', { userId: null, details }),
    );

  it.each([
    ['of another beginning', { entries: 7, olderThanDays: 90, upToPosition: 6 }, NOT_ON_RECORD],
    ['in other words', { entries: 7, upToPosition: '7' }, NOT_ON_RECORD],
    [
      'after fewer days than ever',
      { entries: 7, olderThanDays: 1, upToPosition: 7 },
      'which the retention never does',
    ],
  ])('with an entry %s', async (_, details, words) => {
    await cutOff(7);
    await claim(details);
    expect((await verify()).wrong).toMatchObject({ position: 7, words: expect.stringContaining(words) });
  });

  it('with an entry that says so: by a note that is younger than what the retention throws away', async () => {
    const { last } = await verify();
    await cutOff(7);
    await claim({ entries: 7, olderThanDays: 90, upToPosition: 7 });
    const young = { ...last, position: 6 };
    expect((await verify([young])).wrong).toMatchObject({
      position: 6,
      words: expect.stringContaining('younger than what the retention throws away'),
    });
    const { at: _, ...timeless } = young;
    const old = { ...young, at: '2020-01-01T00:00:00.000000Z' };
    expect(await verify([timeless, old])).toMatchObject({ wrong: null, tooOld: [timeless, old] });
  });
});

it('compares with every note of one place', async () => {
  const { last } = await verify();
  const { wrong } = await verify([{ ...last, digest: 'x' }, last]);
  expect(wrong?.words).toContain('another digest than the one that was noted');
});
