import { and, asc, desc, eq, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '#db/client.ts';
import { apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import type { AccessTokenActor } from '#lib/platform/authorization/actor.ts';
import type { Viewer } from '#lib/platform/authorization/roles.ts';
import { type AccountCounts, countAccounts } from './count.ts';
import type { AccountFilter, SortColumn } from './list-filter.ts';
import type { AccountSummary } from './schema.ts';
import { buildSearchCondition, buildTabCondition } from './select-accounts.ts';
import { readSummaries } from './summary.ts';

/** Accounts per page. */
export const PAGE_SIZE = 50;

export type AccountQuery = {
  filter: AccountFilter;
  after?: string | undefined;
  before?: string | undefined;
  /** The id of an account that is shown first, whatever the filter: the one that was just created. */
  created?: string | undefined;
};

export type AccountPage = {
  accounts: AccountSummary[];
  /** The account that was just created; null if there is none. It is not in `accounts`. */
  created: AccountSummary | null;
  /** Number of accounts before the first one of this page. An estimate if accounts were created or deleted meanwhile. */
  offset: number;
  /** Number of accounts of this page, including `created` if it belongs to the page. */
  size: number;
  /** Cursor to pass as `after` for the next page; null on the last page. */
  next: string | null;
  /** Cursor to pass as `before` for the previous page; null on the first page. */
  previous: string | null;
  /** Number of matching accounts in each tab. */
  counts: AccountCounts;
};

type SortKey = {
  /** The sorted column, whose index also contains the account's id. */
  column: SQL;
  id: SQL;
  /** The column's value, for the cursor. */
  value: SQL<string>;
  /** Parses a value of a cursor; null if it is malformed. */
  parse: (value: string) => SQL | null;
};

const sortByText = (column: SQLWrapper): SortKey => ({
  column: sql`${column}`,
  id: sql`${apiAccounts.id}`,
  value: sql<string>`${column}`,
  parse: (value) => sql`${value}`,
});

const SORT_KEYS: Record<SortColumn, SortKey> = {
  // Usernames are unique, so the unique index is enough.
  username: sortByText(apiAccounts.usernameFolded),
  email: sortByText(apiAccounts.email),
  phone: sortByText(apiAccounts.phone),
  last_used: {
    column: sql`${apiAccountUsage.lastUsedMinute}`,
    id: sql`${apiAccountUsage.accountId}`,
    value: sql<string>`(extract(epoch from ${apiAccountUsage.lastUsedMinute}) / 60)::bigint::text`,
    parse: (value) =>
      /^\d{1,9}$/.test(value) ? sql`timestamp 'epoch' + ${Number(value)} * interval '1 minute'` : null,
  },
};

/** The sorted value of an account, its id, and the number of accounts before it. */
const cursorSchema = z.tuple([z.string().max(1000), z.uuid(), z.int().min(0)]);

const encodeCursor = (cursor: z.infer<typeof cursorSchema>) =>
  Buffer.from(JSON.stringify(cursor)).toString('base64url');

type Cursor = { start: SQL; id: string; offset: number };

/** Decodes a cursor; returns null if it is missing, malformed or of another order. */
function decodeCursor(text: string | undefined, sort: SortColumn): Cursor | null {
  try {
    const json = Buffer.from(text ?? '', 'base64url').toString();
    const [value, id, offset] = cursorSchema.parse(JSON.parse(json));
    // PostgreSQL cannot store NUL.
    const start = SORT_KEYS[sort].parse(value.replaceAll('\0', ''));
    return start && { start, id, offset };
  } catch {
    return null;
  }
}

type Row = { id: string; value: string };
type Position = { cursor: Cursor | null; isBackwards: boolean; limit: number };

/** Selects the ids of accounts in the order of the filter, from a cursor on. */
async function selectRows(
  database: Database,
  { search, status, sort, order }: AccountFilter,
  { cursor, isBackwards, limit }: Position,
): Promise<Row[]> {
  const { column, id, value } = SORT_KEYS[sort];
  const isDescending = (order === 'desc') !== isBackwards;
  const comparison = sql.raw(isDescending ? '<' : '>');
  const direction = isDescending ? desc : asc;
  const query = database.select({ id: apiAccounts.id, value }).from(apiAccounts).$dynamic();
  // An inner join lets PostgreSQL read the accounts in the order of the index on the usage.
  if (sort === 'last_used') query.innerJoin(apiAccountUsage, eq(apiAccountUsage.accountId, apiAccounts.id));
  return query
    .where(
      and(
        buildSearchCondition(search),
        buildTabCondition(database, status),
        cursor ? sql`(${column}, ${id}) ${comparison} (${cursor.start}, ${cursor.id}::uuid)` : undefined,
      ),
    )
    .orderBy(direction(column), direction(id))
    .limit(limit);
}

/** Reads a page's rows, and whether there are more before and after them. */
async function readRows(database: Database, { filter, after, before }: AccountQuery) {
  const cursor = decodeCursor(before ?? after, filter.sort);
  const isBackwards = cursor !== null && before !== undefined;
  const found = await selectRows(database, filter, { cursor, isBackwards, limit: PAGE_SIZE + 1 });
  const hasMore = found.length > PAGE_SIZE;
  const rows = found.slice(0, PAGE_SIZE);
  if (isBackwards) rows.reverse();
  const hasPrevious = isBackwards ? hasMore : cursor !== null;
  const start = cursor ? cursor.offset + (isBackwards ? -rows.length : 1) : 0;
  return {
    rows,
    hasNext: isBackwards || hasMore,
    hasPrevious,
    offset: hasPrevious ? Math.max(start, 1) : 0,
  };
}

/**
 * Lists a page of API accounts. Uses keyset pagination: every page costs the same, and no row is repeated if accounts
 * are created meanwhile.
 */
export async function listApiAccounts(
  database: Database,
  _viewer: Viewer | AccessTokenActor<'accounts:read'>,
  query: AccountQuery,
): Promise<AccountPage> {
  const [{ rows, hasNext, hasPrevious, offset }, counts] = await Promise.all([
    readRows(database, query),
    countAccounts(database, query.filter.search),
  ]);
  const ids = rows.map(({ id }) => id);
  const summaries = await readSummaries(database, query.created ? [query.created, ...ids] : ids);
  const accounts = new Map(summaries.map((summary) => [summary.id, summary]));
  const created = (query.created && accounts.get(query.created)) || null;
  const total = counts[query.filter.status];
  const [first, last] = [rows.at(0), rows.at(-1)];
  const firstOffset = !hasNext && total.isExact ? Math.max(total.count - rows.length, 0) : offset;
  return {
    accounts: ids.filter((id) => id !== created?.id).flatMap((id) => accounts.get(id) ?? []),
    created,
    offset: firstOffset,
    size: rows.length,
    next: hasNext && last ? encodeCursor([last.value, last.id, firstOffset + rows.length - 1]) : null,
    previous: hasPrevious && first ? encodeCursor([first.value, first.id, firstOffset]) : null,
    counts,
  };
}
