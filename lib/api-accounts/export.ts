import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { reveals } from '#db/schema/reveals.ts';
import { isAccountExpired, isRevealExpired, isRevealLocked } from '#lib/account-state/conditions.ts';
import { isKeyLeaked } from '#lib/account-state/leak.ts';
import { deriveStatus } from '#lib/account-state/status.ts';
import { formatCsvHeader, formatCsvLine } from '#lib/audit/csv.ts';
import { maskSearch } from '#lib/audit/mask-search.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { type Actor, getAuditActor } from '#lib/platform/authorization/actor.ts';
import { withActorTransaction } from '#lib/platform/authorization/actor-transaction.ts';
import { type AccountFilter, DEFAULT_FILTER } from './list-filter.ts';
import { buildSearchCondition } from './search.ts';
import { buildTabCondition } from './select-accounts.ts';

/** Accounts that are read at a time, to limit memory use. */
const BATCH_SIZE = 500;

type ExportFilter = Pick<AccountFilter, 'search' | 'status'>;

/** Reads a batch of accounts, in the order of their usernames, which never change. */
async function readBatch(database: Database, { search, status }: ExportFilter, after: string) {
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
    .where(
      and(
        buildSearchCondition(search),
        buildTabCondition(database, status),
        gt(apiAccounts.usernameFolded, after),
      ),
    )
    .orderBy(asc(apiAccounts.usernameFolded))
    .limit(BATCH_SIZE);
}

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

const formatLine = (row: ExportedAccount) =>
  formatCsvLine(Object.values(COLUMNS).map((column) => column(row)));

async function recordExport(database: Database, actor: Actor<'accounts:read'>, filter: ExportFilter) {
  const active = Object.entries({ ...filter, search: maskSearch(filter.search) }).filter(
    ([name, value]) => value !== DEFAULT_FILTER[name as keyof ExportFilter],
  );
  const details = { format: 'csv', filter: Object.fromEntries(active) };
  await withActorTransaction(database, actor, async (transaction) =>
    recordAuditEvent(transaction, 'api_accounts.exported', { ...getAuditActor(actor), details }),
  );
}

/**
 * Exports the accounts that a filter selects, as chunks of a CSV file. Records the export first.
 *
 * Yields each account that exists during the whole export once, in the order of the usernames: the other orders of the
 * list change while it is read. Reads lazily: if the caller stops iterating, the export stops reading.
 */
export async function exportApiAccounts(
  database: Database,
  actor: Actor<'accounts:read'>,
  { search, status }: ExportFilter,
): Promise<AsyncGenerator<string>> {
  const filter = { search, status };
  await recordExport(database, actor, filter);
  async function* generate(): AsyncGenerator<string> {
    yield formatCsvHeader(Object.keys(COLUMNS));
    for (let after = ''; ; ) {
      const rows = await readBatch(database, filter, after);
      const last = rows.at(-1);
      if (last) yield rows.map(formatLine).join('');
      if (!last || rows.length < BATCH_SIZE) return;
      after = last.usernameFolded;
    }
  }
  return generate();
}
