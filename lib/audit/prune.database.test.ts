import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { withTransaction } from '#db/with-transaction.ts';
import {
  addUnchainedEvent,
  createTestAuditLog,
  recomputeDigests,
  type TestAuditLog,
} from '#lib/testing/audit-log.ts';
import { pruneAuditLog } from './prune.ts';
import { recordAuditEvent } from './record.ts';
import { verifyAuditLog } from './verify.ts';

const ENTRIES = 12;
let db: TestAuditLog;
beforeAll(async () => {
  db = await createTestAuditLog(ENTRIES);
});
afterEach(() => db.restore());
afterAll(() => db.drop());

const tamper = (statement: string) => db.pool.query(statement);
const verify = (checkpoints: { position: number; digest: string }[] = []) =>
  verifyAuditLog(db.database, checkpoints);

describe('pruneAuditLog', () => {
  /** Makes the first entries older, and recomputes the digests. */
  async function makeOlder(upTo: number, days: number): Promise<void> {
    await tamper(`update audit_events set at = at - interval '${days} days' where position <= ${upTo}`);
    await recomputeDigests(db, 1);
  }

  it('deletes the oldest entries in batches, and leaves a valid chain', async () => {
    await addUnchainedEvent(db, { action: 'x', age: '1 year' });
    await makeOlder(7, 100);
    const { last: checkpoint } = await verify();
    expect(await pruneAuditLog(db.database, 90, { batchSize: 3 })).toBe(8);
    const result = await verify([checkpoint, { position: 3, digest: 'x' }]);
    // Each of the three batches is recorded as an entry.
    expect(result).toMatchObject({ pruned: 7, checked: ENTRIES - 7 + 3, unchained: 0, violation: null });
    expect(result.checkpointsBeforeStart).toEqual([{ position: 3, digest: 'x' }]);
    const { rows } = await db.pool.query(
      "select details from audit_events where action = 'audit.pruned' order by position",
    );
    // The last batch has entry 7 and the unchained entry.
    expect(rows.map(({ details }) => details)).toEqual([
      { entries: 3, olderThanDays: 90, upToPosition: 3 },
      { entries: 3, olderThanDays: 90, upToPosition: 6 },
      { entries: 2, olderThanDays: 90, upToPosition: 7 },
    ]);
    await tamper("update audit_events set action = 'x' where position = 9");
    expect((await verify()).violation?.position).toBe(9);
  });

  it('records what it deletes: verification detects a call of its database function alone', async () => {
    await makeOlder(7, 100);
    await tamper('select audit_prune(90, 1000)');
    expect((await verify()).violation).toMatchObject({
      position: 7,
      message: expect.stringContaining('no entry records'),
    });
  });

  it('can delete all entries', async () => {
    await makeOlder(ENTRIES, 100);
    expect(await pruneAuditLog(db.database, 90)).toBe(ENTRIES);
    expect(await verify()).toMatchObject({ checked: 1, pruned: ENTRIES, violation: null });
  });

  it('waits until the oldest entry is a day overdue, and rejects less than 90 days', async () => {
    await makeOlder(7, 90.5);
    expect(await pruneAuditLog(db.database, 90)).toBe(0);
    await expect(pruneAuditLog(db.database, 89)).rejects.toThrow();
    expect((await verify()).checked).toBe(ENTRIES);
  });

  it('keeps an old entry that follows a recent one, as after a clock was set back', async () => {
    await makeOlder(7, 100);
    await tamper('update audit_events set at = now() where position = 3');
    await recomputeDigests(db, 1);
    expect(await pruneAuditLog(db.database, 90)).toBe(2);
    expect((await verify()).violation).toBeNull();
  });

  it('deletes each entry once if two workers run it while entries are added', async () => {
    await makeOlder(9, 100);
    const record = () =>
      withTransaction(db.database, async (transaction) =>
        recordAuditEvent(transaction, 'sign_out', { userId: null }),
      );
    const [first, second] = await Promise.all([
      pruneAuditLog(db.database, 90, { batchSize: 2 }),
      pruneAuditLog(db.database, 90, { batchSize: 2 }),
      ...Array.from({ length: 20 }, record),
    ]);
    expect(Number(first) + Number(second)).toBe(9);
    expect(await verify()).toMatchObject({ pruned: 9, violation: null });
  });
});
