import { and, asc, desc, eq, gt, inArray, isNotNull, or, type SQL, sql } from 'drizzle-orm';
import type { Database, Queryable } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { bulkJobItems, bulkJobs } from '#db/schema/bulk-jobs.ts';
import { deletedApiAccounts } from '#db/schema/deleted-api-accounts.ts';
import { formatCsvHeader, formatCsvLine } from '#lib/audit/csv.ts';
import { selectActorName } from '#lib/identity/users/actor-name.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import {
  type BulkJobItemView,
  type BulkJobView,
  ERROR_COLUMN,
  ITEM_STATES,
  type ItemState,
  type ItemView,
} from './schema.ts';

/** Items of a page of results, and jobs of the list. */
const PAGE_SIZE = 50;
/** Items that are read at a time for a file. */
const BATCH_SIZE = 500;

const selectJobs = (database: Queryable) =>
  database
    .select({
      id: bulkJobs.id,
      operation: bulkJobs.operation,
      options: bulkJobs.options,
      state: bulkJobs.state,
      stopReason: bulkJobs.stopReason,
      total: bulkJobs.total,
      createdAt: bulkJobs.createdAt,
      endedAt: bulkJobs.endedAt,
      waitingUntil: bulkJobs.waitingUntil,
      createdBy: selectActorName(bulkJobs.createdBy),
    })
    .from(bulkJobs)
    .$dynamic();

/** Counts the items of a job by state. */
async function countItems(database: Queryable, jobId: string): Promise<Record<ItemState, number>> {
  const rows = await database
    .select({ state: bulkJobItems.state, count: sql<number>`count(*)::int` })
    .from(bulkJobItems)
    .where(eq(bulkJobItems.jobId, jobId))
    .groupBy(bulkJobItems.state);
  const counts = new Map(rows.map(({ state, count }) => [state, count]));
  return Object.fromEntries(ITEM_STATES.map((state) => [state, counts.get(state) ?? 0])) as Record<
    ItemState,
    number
  >;
}

/** Reads a job with its progress; null if it does not exist. */
export async function readBulkJob(
  database: Database,
  _administrator: Administrator,
  { id }: { id: string },
): Promise<BulkJobView | null> {
  const [job] = await selectJobs(database).where(eq(bulkJobs.id, id));
  return job ? { ...job, counts: await countItems(database, id) } : null;
}

/** Lists the newest jobs. */
export async function listBulkJobs(
  database: Database,
  _administrator: Administrator,
): Promise<Omit<BulkJobView, 'counts'>[]> {
  return selectJobs(database).orderBy(desc(bulkJobs.createdAt), desc(bulkJobs.id)).limit(PAGE_SIZE);
}

const isShown: Record<ItemView, SQL | undefined> = {
  all: undefined,
  problems: or(inArray(bulkJobItems.state, ['invalid', 'failed']), isNotNull(bulkJobItems.note)),
};

/** Selects the items of a job after a position, with the usernames of their accounts. */
const selectItems = (database: Queryable, jobId: string, after: number, condition: SQL | undefined) =>
  database
    .select({
      position: bulkJobItems.position,
      state: bulkJobItems.state,
      itemAccountId: bulkJobItems.accountId,
      accountId: apiAccounts.id,
      username: sql<string | null>`coalesce(${apiAccounts.username}, ${deletedApiAccounts.username})`,
      cells: bulkJobItems.cells,
      errors: bulkJobItems.errors,
      note: bulkJobItems.note,
    })
    .from(bulkJobItems)
    .leftJoin(apiAccounts, eq(apiAccounts.id, bulkJobItems.accountId))
    .leftJoin(deletedApiAccounts, eq(deletedApiAccounts.id, bulkJobItems.accountId))
    .where(and(eq(bulkJobItems.jobId, jobId), gt(bulkJobItems.position, after), condition))
    .orderBy(asc(bulkJobItems.position))
    .$dynamic();

type ItemRow = Awaited<ReturnType<typeof selectItems>>[number];

/** Returns the cell of an imported row's username; null if the item is not of an import, or its account was created. */
const findTypedUsername = ({ cells }: ItemRow, columns: string[] | null) =>
  cells?.[columns?.indexOf('username') ?? -1] ?? null;

async function readColumns(database: Queryable, id: string): Promise<string[] | null> {
  const [job] = await database
    .select({ columns: bulkJobs.columns })
    .from(bulkJobs)
    .where(eq(bulkJobs.id, id));
  return job?.columns ?? null;
}

/** Lists a page of a job's items. @param after the last position of the previous page */
export async function listBulkJobItems(
  database: Database,
  _administrator: Administrator,
  { id, view, after }: { id: string; view: ItemView; after: number },
): Promise<{ items: BulkJobItemView[]; next: number | null }> {
  const columns = await readColumns(database, id);
  const rows = await selectItems(database, id, after, isShown[view]).limit(PAGE_SIZE + 1);
  const items = rows.slice(0, PAGE_SIZE).map((row) => ({
    position: row.position,
    state: row.state,
    username: row.username ?? findTypedUsername(row, columns),
    accountId: row.accountId,
    errors: row.errors ?? [],
    note: row.note,
  }));
  return { items, next: rows.length > PAGE_SIZE ? (items.at(-1)?.position ?? null) : null };
}

const RESULTS: Record<ItemState, string> = {
  unchecked: 'not_checked',
  pending: 'not_done',
  invalid: 'invalid',
  done: 'done',
  failed: 'failed',
};

const formatErrors = ({ errors }: ItemRow) =>
  (errors ?? []).map(({ column, detail }) => (column ? `${column}: ${detail}` : detail)).join(' ');

const RESULT_COLUMNS = {
  username: (row: ItemRow) => row.username,
  account_id: (row: ItemRow) => row.itemAccountId,
  result: (row: ItemRow) => RESULTS[row.state],
  detail: (row: ItemRow) => formatErrors(row) || row.note,
};

/**
 * Exports the results of a job, as chunks of a CSV file. Reads lazily, in batches.
 *
 * The problems of an import are the rows of the file with the reasons in the column `error`: once they are corrected, the
 * file can be imported.
 */
export async function exportBulkJobItems(
  database: Database,
  _administrator: Administrator,
  { id, view }: { id: string; view: ItemView },
): Promise<AsyncGenerator<string>> {
  const columns = view === 'problems' ? await readColumns(database, id) : null;
  const header = columns ? [...columns, ERROR_COLUMN] : Object.keys(RESULT_COLUMNS);
  const format = (row: ItemRow) =>
    formatCsvLine(
      columns
        ? [...columns.map((_, index) => row.cells?.[index] ?? ''), formatErrors(row)]
        : Object.values(RESULT_COLUMNS).map((column) => column(row)),
    );
  const condition = columns ? inArray(bulkJobItems.state, ['invalid', 'failed']) : isShown[view];
  async function* generate(): AsyncGenerator<string> {
    yield formatCsvHeader(header);
    for (let after = 0; ; ) {
      const rows = await selectItems(database, id, after, condition).limit(BATCH_SIZE);
      const last = rows.at(-1);
      if (last) yield rows.map(format).join('');
      if (!last || rows.length < BATCH_SIZE) return;
      after = last.position;
    }
  }
  return generate();
}
