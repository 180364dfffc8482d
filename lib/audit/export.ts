import { asc, gt, isNull, lte, type SQL, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { auditChain, auditEvents } from '#db/schema/audit-events.ts';
import { type Actor, getAuditActor } from '#lib/platform/authorization/actor.ts';
import { withActorTransaction } from '#lib/platform/authorization/actor-transaction.ts';
import { formatCsvHeader, formatCsvLine } from './csv.ts';
import { ERASABLE_DIGEST, mergeErasableDetails } from './erasable-details.ts';
import { listActiveFilters } from './filter.ts';
import { buildFilterCondition } from './filter-condition.ts';
import { maskSearch } from './mask-search.ts';
import { type NamedRow, readEntries } from './read-entries.ts';
import { recordAuditEvent } from './record.ts';
import type { AuditFilter, ExportFormat } from './schema.ts';

/** Entries that are read at a time, to limit memory use. */
const BATCH_SIZE = 500;

const CSV_COLUMNS = {
  position: (row: NamedRow) => row.position,
  at: (row: NamedRow) => row.at,
  action: (row: NamedRow) => row.action,
  outcome: (row: NamedRow) => row.outcome,
  by_name: (row: NamedRow) => row.byName,
  by_email: (row: NamedRow) => row.byEmail,
  account_username: (row: NamedRow) => row.username,
  user_name: (row: NamedRow) => row.targetName,
  user_email: (row: NamedRow) => row.targetEmail,
  address: (row: NamedRow) => row.ipAddress,
  details: (row: NamedRow) => JSON.stringify(mergeErasableDetails(row.details, row.erasableDetails)),
  id: (row: NamedRow) => row.id,
  by_id: (row: NamedRow) => row.userId,
  account_id: (row: NamedRow) => row.accountId,
  user_id: (row: NamedRow) => row.targetUserId,
  digest: (row: NamedRow) => row.digest?.toString('hex') ?? null,
  // At the end, so that the columns of earlier versions keep their places.
  access_token_name: (row: NamedRow) => row.accessTokenName,
  access_token_id: (row: NamedRow) => row.accessTokenId,
};

/** Returns the erasable details with the salt of their digest; `erased`; or null if the entry never had any. */
function getErasable({ details, erasableDetails, erasableSalt }: NamedRow) {
  if (details[ERASABLE_DIGEST] === undefined) return null;
  return erasableSalt ? { salt: erasableSalt.toString('hex'), details: erasableDetails } : 'erased';
}

/**
 * Formats an entry as its digest covers it, with the digest, its erasable details, and the current names of its account,
 * users and access token.
 */
function formatJsonLine(row: NamedRow): string {
  const { id, at, action, outcome, userId, accountId, targetUserId, ipAddress: address } = row;
  const { details, position, digest, byName, byEmail, username, targetName, targetEmail } = row;
  const { accessTokenId, accessTokenName } = row;
  const entry = { id, at, action, outcome, userId, accountId, targetUserId, address, details, position };
  const names = { byName, byEmail, username, targetName, targetEmail, accessTokenName };
  const line = {
    ...entry,
    accessTokenId,
    digest: digest?.toString('hex') ?? null,
    erasable: getErasable(row),
    names,
  };
  return `${JSON.stringify(line)}\n`;
}

const FORMATS: Record<ExportFormat, { header: string; formatLine: (row: NamedRow) => string }> = {
  csv: {
    header: formatCsvHeader(Object.keys(CSV_COLUMNS)),
    formatLine: (row) => formatCsvLine(Object.values(CSV_COLUMNS).map((column) => column(row))),
  },
  jsonl: { header: '', formatLine: formatJsonLine },
};

/** Reads entries that are older than the chain, in chronological order, in batches. */
async function* readUnchained(database: Database, condition: SQL | undefined): AsyncGenerator<NamedRow[]> {
  const order = [asc(auditEvents.at), asc(auditEvents.id)];
  for (let cursor: SQL | undefined; ; ) {
    const where = [condition, isNull(auditEvents.position), cursor];
    const rows = await readEntries(database, where, { order, limit: BATCH_SIZE });
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < BATCH_SIZE) return;
    cursor = sql`(${auditEvents.at}, ${auditEvents.id}) > (${last.at}::timestamptz, ${last.id}::uuid)`;
  }
}

/** The entries with the positions after `start`, up to `end`. */
type PositionRange = { start: number; end: number };

/** Reads the range of the whole chain. */
async function readRange(database: Database): Promise<PositionRange> {
  const { startPosition: start, position: end } = auditChain;
  const [chain] = await database.select({ start, end }).from(auditChain);
  return chain ?? { start: 0, end: 0 };
}

/**
 * Reads the chain's entries in order, in batches.
 *
 * Positions have no gaps, so each batch is a range of the index. Yields empty batches too, so that the caller can stop
 * even while the filter matches nothing.
 */
async function* readChained(
  database: Database,
  condition: SQL | undefined,
  { start, end }: PositionRange,
): AsyncGenerator<NamedRow[]> {
  for (let from = start; from < end; from += BATCH_SIZE) {
    const to = Math.min(from + BATCH_SIZE, end);
    const where = [condition, gt(auditEvents.position, from), lte(auditEvents.position, to)];
    const rows = await readEntries(database, where, {
      order: [asc(auditEvents.position)],
      limit: BATCH_SIZE,
    });
    yield rows;
  }
}

async function recordExport(
  database: Database,
  actor: Actor<'audit:read'>,
  filter: AuditFilter,
  format: ExportFormat,
): Promise<void> {
  const masked = { ...filter, search: maskSearch(filter.search) };
  const details = { format, filter: Object.fromEntries(listActiveFilters(masked)) };
  await withActorTransaction(database, actor, async (transaction) =>
    recordAuditEvent(transaction, 'audit.exported', { ...getAuditActor(actor), details }),
  );
}

/**
 * Exports the audit log, or the entries that match a filter, as chunks of text. Records the export first.
 *
 * Yields, in the order of the log, each entry that existed when the export started. Reads lazily: if the caller stops
 * iterating, the export stops reading.
 */
export async function exportAuditLog(
  database: Database,
  actor: Actor<'audit:read'>,
  filter: AuditFilter,
  format: ExportFormat,
): Promise<AsyncGenerator<string>> {
  const condition = await buildFilterCondition(database, filter);
  await recordExport(database, actor, filter, format);
  const { header, formatLine } = FORMATS[format];
  const range = await readRange(database);
  async function* generate(): AsyncGenerator<string> {
    if (header) yield header;
    for await (const rows of readUnchained(database, condition)) yield rows.map(formatLine).join('');
    for await (const rows of readChained(database, condition, range)) yield rows.map(formatLine).join('');
  }
  return generate();
}
