import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { withTransaction } from '#db/with-transaction.ts';
import { createTestAuditLog, recomputeDigests, type TestAuditLog } from '#lib/testing/audit-log.ts';
import { recordAuditEvent } from './record.ts';
import { verifyAuditLog } from './verify.ts';
import type { Checkpoint } from './verify-ends.ts';

let db: TestAuditLog;
beforeAll(async () => {
  db = await createTestAuditLog(12);
});
afterEach(() => db.restore());
afterAll(() => db.drop());

const tamper = (statement: string) => db.pool.query(statement);
const verify = (checkpoints: Checkpoint[] = []) => verifyAuditLog(db.database, checkpoints);

describe('verifyAuditLog', () => {
  /**
   * Deletes the first entries, changes the user of entry 9 and recomputes the digests, as an attacker could. So the
   * last digest differs from an earlier checkpoint.
   */
  async function truncateStart(upTo: number): Promise<void> {
    await tamper(
      `update audit_chain set start_position = e.position, start_digest = e.digest from audit_events e where e.position = ${upTo}`,
    );
    await tamper(`delete from audit_events where position <= ${upTo}`);
    await tamper('update audit_events set user_id = gen_random_uuid() where position = 9');
    await recomputeDigests(db, upTo + 1);
  }
  const NOT_RECORDED = 'no entry records that they were deleted';

  it('detects a truncated start without a pruning entry, with or without checkpoints', async () => {
    const { last } = await verify();
    await truncateStart(7);
    expect((await verify()).violation).toMatchObject({
      position: 7,
      message: expect.stringContaining(NOT_RECORDED),
    });
    expect((await verify([{ position: 6, digest: 'x' }])).violation?.message).toContain(NOT_RECORDED);
    expect((await verify([last])).violation?.message).toContain("doesn't match the checkpoint");
  });

  /** Forges an audit event that claims that the retention deleted entries. */
  const forgePruning = (details: Record<string, unknown>) =>
    withTransaction(db.database, async (transaction) =>
      recordAuditEvent(transaction, 'audit.pruned', { userId: null, details }),
    );

  it.each([
    ['for another start', { entries: 7, olderThanDays: 90, upToPosition: 6 }, NOT_RECORDED],
    ['with malformed details', { entries: 7, upToPosition: '7' }, NOT_RECORDED],
    [
      'after too few days',
      { entries: 7, olderThanDays: 1, upToPosition: 7 },
      'the retention period is at least 90 days',
    ],
  ])('detects a truncated start with a pruning entry %s', async (_, details, message) => {
    await truncateStart(7);
    await forgePruning(details);
    expect((await verify()).violation).toMatchObject({
      position: 7,
      message: expect.stringContaining(message),
    });
  });

  it('detects a truncated start with a plausible pruning entry if a checkpoint is too recent', async () => {
    const { last } = await verify();
    await truncateStart(7);
    await forgePruning({ entries: 7, olderThanDays: 90, upToPosition: 7 });
    const recent = { ...last, position: 6 };
    expect((await verify([recent])).violation).toMatchObject({
      position: 6,
      message: expect.stringContaining('too recent for the retention period'),
    });
    const { at: _, ...withoutTime } = recent;
    const old = { ...recent, at: '2020-01-01T00:00:00.000000Z' };
    expect(await verify([withoutTime, old])).toMatchObject({
      violation: null,
      checkpointsBeforeStart: [withoutTime, old],
    });
  });

  it('compares all checkpoints of the same position', async () => {
    const { last } = await verify();
    const { violation } = await verify([{ ...last, digest: 'x' }, last]);
    expect(violation?.message).toContain("doesn't match the checkpoint");
  });
});
