import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { type BulkJobError, bulkJobItems, bulkJobs } from '#db/schema/bulk-jobs.ts';
import { importParts } from '#db/schema/import-parts.ts';
import { scopes } from '#db/schema/scopes.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { checkNewAccount } from '#lib/api-accounts/check-new.ts';
import { findExpiryError, readExpiryLimits } from '#lib/api-accounts/expiry/policy.ts';
import type { ExpiryLimits } from '#lib/api-accounts/expiry/schema.ts';
import { describeUnusableScope } from '#lib/api-accounts/scopes/lock.ts';
import { restoreFormulas } from '#lib/audit/csv.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { foldUsername, normalizeUsername } from '#lib/platform/user-input/name.ts';
import { findHeaderError, parseImportRow } from './import-row.ts';
import { FileError, readRows } from './read-rows.ts';
import { ERROR_COLUMN } from './schema.ts';
import { readImportParts } from './upload.ts';

/** Rows of one INSERT, and rows that are checked before their results are written. */
const BATCH_SIZE = 500;
/** Rows that are checked at a time. */
const CONCURRENCY = 2;

type Import = { id: string; columns: string[] | null };
type NewItem = typeof bulkJobItems.$inferInsert;

const TOO_MANY_CELLS: BulkJobError = { column: null, detail: 'This row has more cells than the header.' };

/** Returns the item of a row, or undefined if the row is empty. */
function createItem(jobId: string, position: number, header: string[], row: string[]): NewItem | undefined {
  if (row.every((cell) => cell === '')) return undefined;
  const hasMore = row.slice(header.length).some((cell) => cell !== '');
  // Only a file that Stagedoor wrote, which has the column of errors, has apostrophes inside a cell.
  const isOwnFile = header.includes(ERROR_COLUMN);
  const cells = header.flatMap((name, index) =>
    name === ERROR_COLUMN ? [] : [restoreFormulas(row[index] ?? '', { isOwnFile })],
  );
  const columns = header.filter((name) => name !== ERROR_COLUMN);
  const username = foldUsername(normalizeUsername(cells[columns.indexOf('username')] ?? ''));
  return {
    jobId,
    position,
    state: hasMore ? 'invalid' : 'unchecked',
    cells,
    usernameFolded: username || null,
    errors: hasMore ? [TOO_MANY_CELLS] : null,
  };
}

/** Returns the columns of a file. Spreadsheets add separators at the end. */
function readHeader(row: string[]): string[] {
  const header = [...row];
  while (header.at(-1) === '') header.pop();
  const error = findHeaderError(header);
  if (error) throw new FileError(error);
  return header;
}

/** Stores the rows of an uploaded file as items, in one transaction, and deletes the file. */
async function storeRows(database: Database, { id }: Import): Promise<string[]> {
  return withTransaction(database, async (transaction) => {
    let header: string[] | null = null;
    let [position, total] = [0, 0];
    let batch: NewItem[] = [];
    const flush = async () => {
      if (batch.length > 0) await transaction.insert(bulkJobItems).values(batch);
      total += batch.length;
      batch = [];
    };
    for await (const row of readRows(readImportParts(database, id))) {
      position += 1;
      if (!header) {
        header = readHeader(row);
        continue;
      }
      const item = createItem(id, position, header, row);
      if (item) batch.push(item);
      if (batch.length === BATCH_SIZE) await flush();
    }
    await flush();
    if (!header || total === 0) throw new FileError('The file contains no accounts.');
    const columns = header.filter((name) => name !== ERROR_COLUMN);
    const updated = await transaction
      .update(bulkJobs)
      .set({ columns, total })
      .where(and(eq(bulkJobs.id, id), eq(bulkJobs.state, 'checking'), isNull(bulkJobs.columns)))
      .returning({ id: bulkJobs.id });
    // Cancelled, or another worker was quicker.
    if (updated.length === 0) throw new Error('the import is no longer being read');
    await transaction.delete(importParts).where(eq(importParts.jobId, id));
    return columns;
  });
}

/** Rejects a file that cannot be read. */
async function rejectFile(database: Database, id: string, detail: string): Promise<void> {
  await withTransaction(database, async (transaction) => {
    await transaction
      .update(bulkJobs)
      .set({ state: 'stopped', stopReason: 'unreadable', options: { detail }, endedAt: sql`now()` })
      .where(and(eq(bulkJobs.id, id), eq(bulkJobs.state, 'checking')));
    await transaction.delete(importParts).where(eq(importParts.jobId, id));
  });
}

type Row = { position: number; cells: string[] | null; firstPosition: number | null };

/** Reads rows that were not checked yet, with the position of the first row that has the same username. */
async function readUnchecked(database: Database, jobId: string): Promise<Row[]> {
  // By name, because Drizzle writes the columns of the only table without it.
  const first = sql<number | null>`(select min(other.position) from bulk_job_items other
    where other.job_id = bulk_job_items.job_id and other.username_folded = bulk_job_items.username_folded)`;
  return database
    .select({ position: bulkJobItems.position, cells: bulkJobItems.cells, firstPosition: first })
    .from(bulkJobItems)
    .where(and(eq(bulkJobItems.jobId, jobId), eq(bulkJobItems.state, 'unchecked')))
    .orderBy(asc(bulkJobItems.position))
    .limit(BATCH_SIZE);
}

/** Reads which of the names are scopes that accounts can have. */
async function findUnusableScope(database: Database, names: string[]): Promise<string | undefined> {
  if (names.length === 0) return undefined;
  const rows = await database
    .select({ name: scopes.name })
    .from(scopes)
    .where(and(inArray(scopes.name, names), isNull(scopes.retiredAt)));
  return names.find((name) => !rows.some((row) => row.name === name));
}

type CheckContext = { administrator: Administrator; columns: string[]; limits: ExpiryLimits };

/** Finds everything that is wrong with a row: the rules of the form, and what `createApiAccount` would refuse. */
async function findErrors(
  database: Database,
  { administrator, columns, limits }: CheckContext,
  { position, cells, firstPosition }: Row,
): Promise<BulkJobError[]> {
  const { valid, errors } = parseImportRow(columns, cells ?? []);
  const { fieldErrors } = await checkNewAccount(database, administrator, valid);
  const { expiresAt = limits.defaultExpiresAt } = valid;
  const isExpiryValid = !errors.some(({ column }) => column === 'expiresAt');
  const unusable = await findUnusableScope(database, valid.scopes ?? []);
  const found: Record<string, string | undefined> = {
    ...fieldErrors,
    expiresAt: isExpiryValid ? findExpiryError(limits, expiresAt) : undefined,
    scopes: unusable && describeUnusableScope(unusable),
    ...(firstPosition !== null &&
      firstPosition !== position && { username: `Row ${firstPosition} has the same username.` }),
  };
  return [
    ...errors,
    ...Object.entries(found).flatMap(([column, detail]) => (detail ? [{ column, detail }] : [])),
  ];
}

/** Checks rows, a few at a time. */
async function checkRows(database: Database, context: Omit<CheckContext, 'limits'>, rows: Row[]) {
  const limits = await readExpiryLimits(database);
  const results: { position: number; state: 'pending' | 'invalid'; errors: BulkJobError[] | null }[] = [];
  const queue = rows.values();
  const lane = async () => {
    for (const row of queue) {
      const errors = await findErrors(database, { ...context, limits }, row);
      const isValid = errors.length === 0;
      results.push({
        position: row.position,
        state: isValid ? 'pending' : 'invalid',
        errors: isValid ? null : errors,
      });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  return results;
}

/**
 * Reads the rows of an import if that was not done yet, and checks them. Creates nothing.
 * @returns whether it has checked all rows; false if it was stopped
 */
export async function checkImport(
  database: Database,
  administrator: Administrator,
  job: Import,
  isStopping: () => boolean,
): Promise<boolean> {
  let { columns } = job;
  try {
    columns ??= await storeRows(database, job);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    await rejectFile(database, job.id, error.message);
    return true;
  }
  while (!isStopping()) {
    const rows = await readUnchecked(database, job.id);
    if (rows.length === 0) {
      await database
        .update(bulkJobs)
        .set({ state: 'ready' })
        .where(and(eq(bulkJobs.id, job.id), eq(bulkJobs.state, 'checking')));
      return true;
    }
    const results = await checkRows(database, { administrator, columns }, rows);
    await database.execute(sql`
      update ${bulkJobItems} item set state = result.state, errors = nullif(result.errors, 'null'::jsonb)
        from jsonb_to_recordset(${JSON.stringify(results)}::jsonb) as result (position int, state text, errors jsonb)
        where item.job_id = ${job.id} and item.position = result.position and item.state = 'unchecked'`);
  }
  return false;
}
