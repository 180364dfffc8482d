import { asc, gt, isNull, lte, type SQL, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { auditChain, auditEvents } from '#db/schema/audit-events.ts';
import { withTransaction } from '#db/with-transaction.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { csvLine } from './csv.ts';
import { matching } from './matching.ts';
import { type NamedRow, readEntries } from './read-entries.ts';
import { recordAuditEvent } from './record.ts';
import { type AuditFilter, type ExportFormat, setFilters } from './schema.ts';

/** How many entries are read at a time, and so how many are in memory. */
const BATCH = 500;

const CSV_COLUMNS = {
  position: (row: NamedRow) => row.position,
  at: (row: NamedRow) => row.at,
  act: (row: NamedRow) => row.act,
  outcome: (row: NamedRow) => row.outcome,
  by_name: (row: NamedRow) => row.byName,
  by_email: (row: NamedRow) => row.byEmail,
  account_username: (row: NamedRow) => row.username,
  user_name: (row: NamedRow) => row.targetName,
  user_email: (row: NamedRow) => row.targetEmail,
  address: (row: NamedRow) => row.address,
  details: (row: NamedRow) => JSON.stringify(row.details),
  id: (row: NamedRow) => row.id,
  by_id: (row: NamedRow) => row.userId,
  account_id: (row: NamedRow) => row.accountId,
  user_id: (row: NamedRow) => row.targetUserId,
  digest: (row: NamedRow) => row.digest?.toString('hex') ?? null,
};

/** An entry as its digest covers it, the digest, and the names that the ids have now. */
function jsonLine(row: NamedRow): string {
  const { byName, byEmail, username, targetName, targetEmail, digest, ...entry } = row;
  const names = { byName, byEmail, username, targetName, targetEmail };
  return `${JSON.stringify({ ...entry, digest: digest?.toString('hex') ?? null, names })}\n`;
}

const WRITERS: Record<ExportFormat, { head: string; line: (row: NamedRow) => string }> = {
  csv: {
    head: csvLine(Object.keys(CSV_COLUMNS)),
    line: (row) => csvLine(Object.values(CSV_COLUMNS).map((column) => column(row))),
  },
  jsonl: { head: '', line: jsonLine },
};

/** Entries from before there was a chain, in the order of time. */
async function* unchained(database: Database, found: SQL | undefined): AsyncGenerator<NamedRow[]> {
  const order = [asc(auditEvents.at), asc(auditEvents.id)];
  for (let edge: SQL | undefined; ; ) {
    const where = [found, isNull(auditEvents.position), edge];
    const rows = await readEntries(database, where, { order, limit: BATCH });
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < BATCH) return;
    edge = sql`(${auditEvents.at}, ${auditEvents.id}) > (${last.at}::timestamptz, ${last.id}::uuid)`;
  }
}

type Ends = { start: number; end: number };

/** Between which places the chain is at this moment. */
async function readEnds(database: Database): Promise<Ends> {
  const { startPosition: start, position: end } = auditChain;
  const [chain] = await database.select({ start, end }).from(auditChain);
  return chain ?? { start: 0, end: 0 };
}

/**
 * The chain's entries, in its order, up to where it ended. Places have no gaps, so that a range of them is so many
 * entries, which PostgreSQL finds by the index whatever it believes of the table. A batch may be empty: whoever stops
 * asking is heard after each, also where a filter finds nothing for long.
 */
async function* chained(
  database: Database,
  found: SQL | undefined,
  { start, end }: Ends,
): AsyncGenerator<NamedRow[]> {
  for (let from = start; from < end; from += BATCH) {
    const to = Math.min(from + BATCH, end);
    const where = [found, gt(auditEvents.position, from), lte(auditEvents.position, to)];
    const rows = await readEntries(database, where, { order: [asc(auditEvents.position)], limit: BATCH });
    yield rows;
  }
}

async function recordExport(
  database: Database,
  { userId, address }: Administrator,
  filter: AuditFilter,
  format: ExportFormat,
): Promise<void> {
  const details = { format, filter: Object.fromEntries(setFilters(filter)) };
  await withTransaction(database, async (transaction) =>
    recordAuditEvent(transaction, 'audit.exported', { userId, address, details }),
  );
}

/**
 * The whole audit log, or what a filter wants of it, as text in pieces: each entry up to this moment once, in the order
 * of the log. Nothing is read before it is asked for, and whoever stops asking stops the reading. That it was exported
 * is put on record first.
 */
export async function exportAuditLog(
  database: Database,
  administrator: Administrator,
  filter: AuditFilter,
  format: ExportFormat,
): Promise<AsyncGenerator<string>> {
  const found = await matching(database, filter);
  await recordExport(database, administrator, filter, format);
  const { head, line } = WRITERS[format];
  const ends = await readEnds(database);
  async function* write(): AsyncGenerator<string> {
    if (head) yield head;
    for await (const rows of unchained(database, found)) yield rows.map(line).join('');
    for await (const rows of chained(database, found, ends)) yield rows.map(line).join('');
  }
  return write();
}
