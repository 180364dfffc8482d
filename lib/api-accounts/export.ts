import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { reveals } from '#db/schema/reveals.ts';
import { isAccountExpired, isRevealExpired, isRevealLocked } from '#lib/account-state/conditions.ts';
import { isKeyLeaked } from '#lib/account-state/leak.ts';
import { selectAccountRows, toResource } from '#lib/account-state/resource.ts';
import { deriveStatus } from '#lib/account-state/status.ts';
import { formatCsvHeader, formatCsvLine } from '#lib/audit/csv.ts';
import { maskSearch } from '#lib/audit/mask-search.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import type { ExportFormat } from '#lib/audit/schema.ts';
import { type Actor, getAuditActor } from '#lib/platform/authorization/actor.ts';
import { withActorTransaction } from '#lib/platform/authorization/actor-transaction.ts';
import { type AccountFilter, DEFAULT_FILTER } from './list-filter.ts';
import { buildSearchCondition } from './search.ts';
import { buildTabCondition } from './select-accounts.ts';

/** Accounts that are read at a time, to limit memory use. */
const BATCH_SIZE = 500;

/** `ids`: exports only these accounts. */
type ExportFilter = Pick<AccountFilter, 'search' | 'status'> & { ids?: string[] };

/** Matches the accounts of the filter whose usernames come after one, in the order of the export. */
const buildBatchCondition = (database: Database, { search, status, ids }: ExportFilter, after: string) =>
  and(
    ids && inArray(apiAccounts.id, ids),
    buildSearchCondition(search),
    buildTabCondition(database, status),
    gt(apiAccounts.usernameFolded, after),
  );

/** Reads a batch of accounts, in the order of their usernames, which never change. */
async function readBatch(database: Database, filter: ExportFilter, after: string) {
  return database
    .select({
      username: apiAccounts.username,
      usernameFolded: apiAccounts.usernameFolded,
      displayName: apiAccounts.displayName,
      email: apiAccounts.email,
      phone: apiAccounts.phone,
      active: apiAccounts.active,
      isExpired: isAccountExpired,
      hasKey: sql<boolean>`${apiAccounts.keyDigest} is not null`,
      isKeyLeaked,
      isRevealLocked,
      isRevealExpired,
      requestsPerMinute: apiAccounts.requestsPerMinute,
      lastUsedAt: apiAccountUsage.lastUsedAt,
      createdAt: apiAccounts.createdAt,
      id: apiAccounts.id,
    })
    .from(apiAccounts)
    .leftJoin(apiAccountUsage, eq(apiAccountUsage.accountId, apiAccounts.id))
    .leftJoin(reveals, eq(reveals.id, apiAccounts.revealId))
    .where(buildBatchCondition(database, filter, after))
    .orderBy(asc(apiAccounts.usernameFolded))
    .limit(BATCH_SIZE);
}

/** Reads the same batch, as the management API describes accounts. */
const readResourceBatch = (database: Database, filter: ExportFilter, after: string) =>
  selectAccountRows(database)
    .where(buildBatchCondition(database, filter, after))
    .orderBy(asc(apiAccounts.usernameFolded))
    .limit(BATCH_SIZE);

type ExportedAccount = Awaited<ReturnType<typeof readBatch>>[number];

const COLUMNS = {
  username: (row: ExportedAccount) => row.username,
  display_name: (row: ExportedAccount) => row.displayName,
  email: (row: ExportedAccount) => row.email,
  phone: (row: ExportedAccount) => row.phone,
  status: (row: ExportedAccount) => deriveStatus(row),
  requests_per_minute: (row: ExportedAccount) => row.requestsPerMinute,
  last_used_at: (row: ExportedAccount) => row.lastUsedAt?.toISOString() ?? null,
  created_at: (row: ExportedAccount) => row.createdAt.toISOString(),
  id: (row: ExportedAccount) => row.id,
};

/** Reads the batch after a username, and formats its lines. */
type FormatBatch = (
  database: Database,
  filter: ExportFilter,
  after: string,
) => Promise<{ lines: string[]; last: string | undefined }>;

const FORMATS: Record<ExportFormat, { header: string; formatBatch: FormatBatch }> = {
  csv: {
    header: formatCsvHeader(Object.keys(COLUMNS)),
    formatBatch: async (database, filter, after) => {
      const rows = await readBatch(database, filter, after);
      const lines = rows.map((row) => formatCsvLine(Object.values(COLUMNS).map((column) => column(row))));
      return { lines, last: rows.at(-1)?.usernameFolded };
    },
  },
  jsonl: {
    header: '',
    formatBatch: async (database, filter, after) => {
      const rows = await readResourceBatch(database, filter, after);
      const lines = rows.map((row) => `${JSON.stringify(toResource(row))}\n`);
      return { lines, last: rows.at(-1)?.usernameFolded };
    },
  },
};

async function recordExport(
  database: Database,
  actor: Actor<'accounts:read'>,
  { ids, ...filter }: ExportFilter,
  format: ExportFormat,
) {
  const active = Object.entries({ ...filter, search: maskSearch(filter.search) }).filter(
    ([name, value]) => value !== DEFAULT_FILTER[name as keyof typeof filter],
  );
  const details = { format, filter: Object.fromEntries(active), ...(ids && { apiAccounts: ids.length }) };
  await withActorTransaction(database, actor, async (transaction) =>
    recordAuditEvent(transaction, 'api_accounts.exported', { ...getAuditActor(actor), details }),
  );
}

/**
 * Exports the accounts that a filter selects, as chunks of a CSV file or of JSON Lines, in which an account is as in the
 * management API. Records the export first.
 *
 * Yields each account that exists during the whole export once, in the order of the usernames: the other orders of the
 * list change while it is read. Reads lazily and in batches: holds no transaction while a slow client downloads, and
 * stops reading if the caller stops iterating.
 */
export async function exportApiAccounts(
  database: Database,
  actor: Actor<'accounts:read'>,
  { search, status, ids }: ExportFilter,
  format: ExportFormat,
): Promise<AsyncGenerator<string>> {
  const filter = { search, status, ...(ids && { ids }) };
  await recordExport(database, actor, filter, format);
  const { header, formatBatch } = FORMATS[format];
  async function* generate(): AsyncGenerator<string> {
    if (header) yield header;
    for (let after = ''; ; ) {
      const { lines, last } = await formatBatch(database, filter, after);
      if (last !== undefined) yield lines.join('');
      if (last === undefined || lines.length < BATCH_SIZE) return;
      after = last;
    }
  }
  return generate();
}
