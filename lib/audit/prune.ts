import { sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from './record.ts';

/** Entries per transaction. Transactions that record events wait for it, so it must be short. */
const BATCH_SIZE = 5_000;

/** Selects whether the oldest entry is a day overdue. Each pruning adds an entry, so one per day is enough. */
const selectIsDue = (keepDays: number) => sql`
  select exists (select from audit_events where at < now() - make_interval(days => ${keepDays + 1})) as due`;

/** Deletes one batch and records the deletion, in one transaction. */
async function pruneBatch(database: Database, keepDays: number, maxEntries: number): Promise<number> {
  return withTransaction(database, async (transaction) => {
    const { rows } = await transaction.execute<{ deleted: number }>(
      sql`select audit_prune(${keepDays}, ${maxEntries}) as deleted`,
    );
    const deleted = rows[0]?.deleted ?? 0;
    if (deleted === 0) return 0;
    const { rows: chain } = await transaction.execute<{ last: number }>(
      sql`select start_position::float8 as last from audit_chain`,
    );
    recordAuditEvent(transaction, 'audit.pruned', {
      userId: null,
      details: { entries: deleted, olderThanDays: keepDays, upToPosition: chain[0]?.last },
    });
    return deleted;
  });
}

/**
 * Deletes entries that are older than the retention period, oldest first. Does nothing until the oldest entry is a day
 * overdue.
 * Verification then starts at the oldest remaining entry. Safe to run concurrently.
 * @param keepDays at least 90: the database rejects less
 * @param options.stopped checked between batches, to end early
 * @returns the number of deleted entries
 */
export async function pruneAuditLog(
  database: Database,
  keepDays: number,
  { stopped, batchSize = BATCH_SIZE }: { stopped?: AbortSignal; batchSize?: number } = {},
): Promise<number> {
  const { rows } = await database.execute<{ due: boolean }>(selectIsDue(keepDays));
  let total = 0;
  for (let deleted = rows[0]?.due ? 1 : 0; deleted > 0 && !stopped?.aborted; total += deleted) {
    deleted = await pruneBatch(database, keepDays, batchSize);
  }
  return total;
}
