import { gt } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { auditEvents } from '#db/schema/audit-events.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { digestEntry } from '#lib/audit/chain.ts';
import { ENTRY_COLUMNS } from '#lib/audit/entry-columns.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';

/** A database with an audit log that a test can tamper with. `restore` undoes the changes. */
export type TestAuditLog = TestDatabase & { restore(): Promise<void> };

/**
 * Creates a database with an audit log.
 * @param entries number of audit events; must be even
 */
export async function createTestAuditLog(entries: number): Promise<TestAuditLog> {
  const db = await createTestDatabase();
  for (let index = 0; index < entries / 2; index += 1) {
    await withTransaction(db.database, async (transaction) => {
      const ids = { userId: uuidv7(), accountId: uuidv7(), targetUserId: uuidv7(), ipAddress: '192.0.2.1' };
      const details = { before: { email: 'ä' }, after: { n: index } };
      recordAuditEvent(transaction, 'api_account.edited', { ...ids, details });
      recordAuditEvent(transaction, 'sign_in.failed', { userId: null, outcome: 'refused' });
    });
  }
  await db.pool.query(
    'create table original_events as table audit_events; create table original_chain as table audit_chain',
  );
  const restore = async () => {
    await db.pool.query('truncate audit_events, audit_chain');
    await db.pool.query(
      'insert into audit_events table original_events; insert into audit_chain table original_chain',
    );
  };
  return { ...db, restore };
}

/**
 * Adds an audit event without a position, as it was recorded before the chain existed. Bypasses the constraint.
 * @param event.age how old it is, as a PostgreSQL interval
 */
export async function addUnchainedEvent(
  { pool }: Pick<TestDatabase, 'pool'>,
  { action, age }: { action: string; age: string },
): Promise<void> {
  await pool.query(`alter table audit_events drop constraint audit_events_position_required;
    insert into audit_events (id, action, at) values (gen_random_uuid(), '${action}', now() - interval '${age}');
    alter table audit_events add constraint audit_events_position_required check (position is not null) not valid`);
}

/** Recomputes the digests from a position on, and the end of the chain, as an attacker with write access could. */
export async function recomputeDigests({ database, pool }: TestDatabase, from: number): Promise<void> {
  const rows = await database
    .select(ENTRY_COLUMNS)
    .from(auditEvents)
    .where(gt(auditEvents.position, 0))
    .orderBy(auditEvents.position);
  const chain = await pool.query('select start_digest from audit_chain');
  let previous: Uint8Array = chain.rows[0].start_digest;
  for (const { digest, ...entry } of rows) {
    const position = entry.position ?? 0;
    previous = position < from ? (digest ?? previous) : digestEntry(previous, { ...entry, position });
    await pool.query('update audit_events set digest = $2 where position = $1', [position, previous]);
  }
  await pool.query('update audit_chain set digest = $1', [previous]);
}
