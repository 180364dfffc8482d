import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { withTransaction } from '#db/with-transaction.ts';
import { addUnchained, createTestAuditLog, rehash, type TestAuditLog } from '#lib/testing/audit-log.ts';
import { pruneAuditLog } from './prune.ts';
import { recordAuditEvent } from './record.ts';
import { verifyAuditLog } from './verify.ts';

const ENTRIES = 12;
let test: TestAuditLog;
beforeAll(async () => {
  test = await createTestAuditLog(ENTRIES);
});
afterEach(() => test.restore());
afterAll(() => test.drop());

const tamper = (statement: string) => test.pool.query(statement);
const verify = (noted: { position: number; digest: string }[] = []) => verifyAuditLog(test.database, noted);

describe('the retention', () => {
  /** Makes the first entries old, and the chain right again. */
  async function age(upTo: number, days: number): Promise<void> {
    await tamper(`update audit_events set at = at - interval '${days} days' where position <= ${upTo}`);
    await rehash(test, 1);
  }

  it('throws the oldest away, in pieces, and what is left is right from there on', async () => {
    await addUnchained(test, 'x', '1 year');
    await age(7, 100);
    const { last: noted } = await verify();
    expect(await pruneAuditLog(test.database, 90, { most: 3 })).toBe(8);
    const verified = await verify([noted, { position: 3, digest: 'x' }]);
    // Each of the three pieces is an entry of its own.
    expect(verified).toMatchObject({ pruned: 7, checked: ENTRIES - 7 + 3, unchained: 0, wrong: null });
    expect(verified.tooOld).toEqual([{ position: 3, digest: 'x' }]);
    const { rows } = await test.pool.query(
      "select details from audit_events where act = 'audit.pruned' order by position",
    );
    expect(rows.map(({ details }) => details)).toEqual([
      { entries: 3, olderThanDays: 90, upToPosition: 3 },
      { entries: 3, olderThanDays: 90, upToPosition: 6 },
      { entries: 2, olderThanDays: 90, upToPosition: 7 },
    ]);
    await tamper("update audit_events set act = 'x' where position = 9");
    expect((await verify()).wrong?.position).toBe(9);
  });

  it('leaves a trace where somebody calls the function of the database alone', async () => {
    await age(7, 100);
    await tamper('select audit_prune(90, 1000)');
    expect((await verify()).wrong).toMatchObject({
      position: 7,
      words: expect.stringContaining('no entry says'),
    });
  });

  it('can throw all of it away', async () => {
    await age(ENTRIES, 100);
    expect(await pruneAuditLog(test.database, 90)).toBe(ENTRIES);
    expect(await verify()).toMatchObject({ checked: 1, pruned: ENTRIES, wrong: null });
  });

  it('waits until the oldest is a day over, and never takes less than 90 days', async () => {
    await age(7, 90.5);
    expect(await pruneAuditLog(test.database, 90)).toBe(0);
    await age(7, 1);
    await expect(pruneAuditLog(test.database, 89)).rejects.toThrow();
    expect((await verify()).checked).toBe(ENTRIES);
  });

  it('keeps an old entry while one before it is young: a clock was set back', async () => {
    await age(7, 100);
    await tamper('update audit_events set at = now() where position = 3');
    await rehash(test, 1);
    expect(await pruneAuditLog(test.database, 90)).toBe(2);
    expect((await verify()).wrong).toBeNull();
  });

  it('counts nothing twice where two workers do it at once, while others act', async () => {
    await age(9, 100);
    const act = () =>
      withTransaction(test.database, async (transaction) =>
        recordAuditEvent(transaction, 'sign_out', { userId: null }),
      );
    const [one, other] = await Promise.all([
      pruneAuditLog(test.database, 90, { most: 2 }),
      pruneAuditLog(test.database, 90, { most: 2 }),
      ...Array.from({ length: 20 }, act),
    ]);
    expect(Number(one) + Number(other)).toBe(9);
    expect(await verify()).toMatchObject({ pruned: 9, wrong: null });
  });
});
