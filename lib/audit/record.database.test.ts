import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { type ChainedEntry, digestEntry, NO_DIGEST } from './chain.ts';
import { recordAuditEvent } from './record.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

type Row = ChainedEntry & { digest: Buffer };

async function readEntries(): Promise<Row[]> {
  const { rows } = await db.pool.query(
    `select id, action, outcome, user_id as "userId", account_id as "accountId", target_user_id as "targetUserId",
       address as "ipAddress", details, position::int, digest, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
     from audit_events order by position`,
  );
  return rows;
}

/** Records two events in one transaction. */
const recordTwo = (details: Record<string, unknown>) =>
  withTransaction(db.database, async (transaction) => {
    recordAuditEvent(transaction, 'sign_in.failed', { userId: null, details });
    recordAuditEvent(transaction, 'sign_in.failed', {
      userId: null,
      ipAddress: '192.0.2.1',
      outcome: 'refused',
      details,
    });
  });

describe('recordAuditEvent', () => {
  it('writes one chain without gaps, for concurrent events with arbitrary details', async () => {
    const details = fc.dictionary(
      fc.string({ unit: 'grapheme' }).filter((key) => !key.includes('\0')),
      fc.jsonValue({ stringUnit: 'grapheme' }).filter((value) => !JSON.stringify(value).includes('\\u0000')),
    );
    const samples = fc.sample(details, 40);
    await Promise.all(samples.map(recordTwo));
    const rows = await readEntries();
    expect(rows.map(({ position }) => position)).toEqual(samples.flatMap((_, i) => [2 * i + 1, 2 * i + 2]));
    let previous: Uint8Array = NO_DIGEST;
    for (const { digest, ...entry } of rows) {
      expect(digestEntry(previous, entry)).toEqual(digest);
      previous = digest;
    }
  });

  it('records nothing, and leaves no gap, if the transaction is rolled back', async () => {
    const count = (await readEntries()).length;
    const failing = withTransaction(db.database, async (transaction) => {
      recordAuditEvent(transaction, 'sign_out', { userId: null });
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await readEntries()).toHaveLength(count);
    await recordTwo({});
    expect((await readEntries()).at(-1)?.position).toBe(count + 2);
  });
});
