import { sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from './record.ts';

/** How many entries go in one transaction: other acts wait for the end of the chain meanwhile, a moment. */
const PIECE = 5_000;

/** Once a day is enough: each time that entries go is an entry of its own. */
const isDue = (keepDays: number) => sql`
  select exists (select from audit_events where at < now() - make_interval(days => ${keepDays + 1})) as due`;

/** Throws one piece away and puts that on record, or neither. */
async function prunePiece(database: Database, keepDays: number, most: number): Promise<number> {
  return withTransaction(database, async (transaction) => {
    const { rows } = await transaction.execute<{ gone: number }>(
      sql`select audit_prune(${keepDays}, ${most}) as gone`,
    );
    const gone = rows[0]?.gone ?? 0;
    if (gone === 0) return 0;
    const { rows: chain } = await transaction.execute<{ last: number }>(
      sql`select start_position::float8 as last from audit_chain`,
    );
    recordAuditEvent(transaction, 'audit.pruned', {
      userId: null,
      details: { entries: gone, olderThanDays: keepDays, upToPosition: chain[0]?.last },
    });
    return gone;
  });
}

/**
 * Throws entries away that are older than the days given, the oldest first, once the oldest is a day older than that.
 * The chain is verified from where the rest begins. Two workers may do it at once.
 * @param keepDays 90 at least: the database refuses less
 * @param options `stopped`: looked at between two pieces, to end early
 * @returns how many went
 */
export async function pruneAuditLog(
  database: Database,
  keepDays: number,
  { stopped, most = PIECE }: { stopped?: AbortSignal; most?: number } = {},
): Promise<number> {
  const { rows } = await database.execute<{ due: boolean }>(isDue(keepDays));
  let all = 0;
  for (let gone = rows[0]?.due ? 1 : 0; gone > 0 && !stopped?.aborted; all += gone) {
    gone = await prunePiece(database, keepDays, most);
  }
  return all;
}
