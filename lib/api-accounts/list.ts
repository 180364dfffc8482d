import { and, asc, desc, eq, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { MAX, NIL } from 'uuid';
import { z } from 'zod';
import type { Database } from '#db/client.ts';
import { apiAccountUsage } from '#db/schema/api-account-usage.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import type { AccessTokenActor } from '#lib/platform/authorization/actor.ts';
import type { Viewer } from '#lib/platform/authorization/roles.ts';
import { type AccountCount, type AccountCounts, countAccounts, isEstimable } from './count.ts';
import { isRare, MAX_SCANNED } from './estimate-count.ts';
import type { AccountFilter, SortColumn } from './list-filter.ts';
import type { AccountSummary } from './schema.ts';
import { buildSearchCondition } from './search.ts';
import { buildTabCondition } from './select-accounts.ts';
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
  /** Number of matching accounts in each tab, and in that of the filter. */
  counts: AccountCounts;
  total: AccountCount;
};

type SortKey = {
  /** The sorted column, whose index also contains the account's id. */
  column: SQL;
  /** The same value, for which there is no index. */
  withoutIndex: SQL;
  id: SQL;
  /** The column's value, for the cursor. */
  value: SQL<string>;
  /** Parses a value of a cursor; null if it is malformed. */
  parse: (value: string) => SQL | null;
};

const sortByText = (column: SQLWrapper): SortKey => ({
  column: sql`${column}`,
  withoutIndex: sql`${column} || ''`,
  id: sql`${apiAccounts.id}`,
  value: sql<string>`${column}`,
  parse: (value) => sql`${value}`,
});

/** Sorts by a time with microseconds. Its end is `infinity`. */
const sortByTime = (column: SQL): SortKey => ({
  column,
  withoutIndex: sql`${column} + interval '0'`,
  id: sql`${apiAccounts.id}`,
  value: sql<string>`case when isfinite(${column}) then (extract(epoch from ${column}) * 1000000)::bigint::text else 'never' end`,
  parse: (value) => {
    if (value === 'never') return sql`'infinity'::timestamptz`;
    const isMicroseconds = /^-?\d{1,18}$/.test(value);
    return isMicroseconds ? sql`timestamptz 'epoch' + ${Number(value)} * interval '1 microsecond'` : null;
  },
});

const SORT_KEYS: Record<SortColumn, SortKey> = {
  // Usernames are unique, so the unique index is enough.
  username: sortByText(apiAccounts.usernameFolded),
  email: sortByText(apiAccounts.email),
  phone: sortByText(apiAccounts.phone),
  last_used: {
    column: sql`${apiAccountUsage.lastUsedMinute}`,
    withoutIndex: sql`${apiAccountUsage.lastUsedMinute} + interval '0'`,
    id: sql`${apiAccountUsage.accountId}`,
    value: sql<string>`(extract(epoch from ${apiAccountUsage.lastUsedMinute}) / 60)::bigint::text`,
    parse: (value) =>
      /^\d{1,9}$/.test(value) ? sql`timestamp 'epoch' + ${Number(value)} * interval '1 minute'` : null,
  },
  created: sortByTime(sql`${apiAccounts.createdAt}`),
  // The expression of the index `api_accounts_expires`.
  expires: sortByTime(sql`coalesce(${apiAccounts.expiresAt}, 'infinity'::timestamptz)`),
};

/** The sorted value of an account, its id, and the number of accounts before it. */
const cursorSchema = z.tuple([z.string().max(1000), z.uuid(), z.int().min(0)]);

const encodeCursor = (cursor: z.infer<typeof cursorSchema>) =>
  Buffer.from(JSON.stringify(cursor)).toString('base64url');

type Cursor = { value: string; start: SQL; id: string; offset: number };

/** Decodes a cursor; returns null if it is missing, malformed or of another order. */
function decodeCursor(text: string | undefined, sort: SortColumn): Cursor | null {
  try {
    const json = Buffer.from(text ?? '', 'base64url').toString();
    const [value, id, offset] = cursorSchema.parse(JSON.parse(json));
    // PostgreSQL cannot store NUL.
    const start = SORT_KEYS[sort].parse(value.replaceAll('\0', ''));
    return start && { value, start, id, offset };
  } catch {
    return null;
  }
}

type Row = { id: string; value: string };
type Position = { cursor: Cursor | null; isBackwards: boolean; limit: number };

/** Builds the queries that read accounts in the order of a filter, from a cursor on. */
function buildQueries(database: Database, { sort, order }: AccountFilter, position: Position) {
  const { column, withoutIndex, id, value } = SORT_KEYS[sort];
  const isDescending = (order === 'desc') !== position.isBackwards;
  const comparison = sql.raw(isDescending ? '<' : '>');
  const direction = isDescending ? desc : asc;
  const { cursor, limit } = position;
  const isAfterCursor = cursor && sql`(${column}, ${id}) ${comparison} (${cursor.start}, ${cursor.id}::uuid)`;
  const select = () => {
    const query = database.select({ id: apiAccounts.id, value }).from(apiAccounts).$dynamic();
    // An inner join lets PostgreSQL read the accounts in the order of the index on the usage.
    if (sort === 'last_used') query.innerJoin(apiAccountUsage, eq(apiAccountUsage.accountId, apiAccounts.id));
    return query;
  };
  return {
    /** Reads the accounts that match, in the order of the index, up to a value of the column. */
    readInOrder: (condition?: SQL, end?: string): Promise<Row[]> =>
      select()
        .where(
          and(
            condition,
            isAfterCursor ?? undefined,
            end === undefined ? undefined : sql`${column} ${comparison}= ${SORT_KEYS[sort].parse(end)}`,
          ),
        )
        .orderBy(direction(column), direction(id))
        .limit(limit),
    /** Reads all accounts that match, and sorts them. */
    readAndSort: (condition: SQL): Promise<Row[]> =>
      select()
        .where(and(condition, isAfterCursor ?? undefined))
        .orderBy(direction(withoutIndex), direction(id))
        .limit(limit),
    /**
     * Reads the value of the column after so many accounts, whether they match or not; undefined if there are fewer. Reads
     * only the index.
     */
    readValueAfter: async (count: number): Promise<string | undefined> => {
      const table = sort === 'last_used' ? apiAccountUsage : apiAccounts;
      const { rows } = await database.execute<{ value: string }>(
        sql`select ${value} as value from ${table} where ${isAfterCursor ?? sql`true`}
          order by ${direction(column)} offset ${count} limit 1`,
      );
      return rows[0]?.value;
    },
  };
}

/**
 * Selects the ids of accounts in the order of the filter, from a cursor on.
 *
 * PostgreSQL's planner assumes that what matches is spread evenly over the order of the list. It often is not: the names
 * that a search finds begin alike. So only a part of the table is read in this order; if too few match there, all that
 * match are sorted.
 */
async function selectRows(database: Database, filter: AccountFilter, position: Position): Promise<Row[]> {
  const { search, status, sort } = filter;
  const queries = buildQueries(database, filter, position);
  const searchCondition = buildSearchCondition(search);
  const condition = and(searchCondition, buildTabCondition(database, status));
  // These tabs have indexes in the order of the usernames.
  const isIndexed = (status === 'active' || status === 'inactive') && sort === 'username';
  if (!condition || (!searchCondition && isIndexed)) return queries.readInOrder(condition);
  if (!isEstimable(status) || (await isRare(database, condition, position.limit)))
    return queries.readAndSort(condition);
  const end = await queries.readValueAfter(MAX_SCANNED);
  const rows = await queries.readInOrder(condition, end);
  if (rows.length === position.limit || end === undefined) return rows;
  return queries.readAndSort(condition);
}

/** Reads a page's rows, and whether there are more before and after them. */
async function readRows(database: Database, { filter, after, before }: AccountQuery) {
  const { order } = filter;
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
    // If all accounts of a page were deleted since its link was shown, the links to its neighbours start at the cursor's
    // value: before the last possible id or after the first one, so that they include the cursor's own account.
    ends:
      rows.length > 0 || !cursor
        ? [rows.at(0), rows.at(-1)]
        : [
            { value: cursor.value, id: order === 'asc' ? MAX : NIL },
            { value: cursor.value, id: order === 'asc' ? NIL : MAX },
          ],
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
  const [{ rows, hasNext, hasPrevious, offset, ends }, { counts, total }] = await Promise.all([
    readRows(database, query),
    countAccounts(database, query.filter.search, query.filter.status),
  ]);
  const ids = rows.map(({ id }) => id);
  const summaries = await readSummaries(database, query.created ? [query.created, ...ids] : ids);
  const accounts = new Map(summaries.map((summary) => [summary.id, summary]));
  const created = (query.created && accounts.get(query.created)) || null;
  const [first, last] = ends;
  const firstOffset = !hasNext && total.isExact ? Math.max(total.count - rows.length, 0) : offset;
  return {
    accounts: ids.filter((id) => id !== created?.id).flatMap((id) => accounts.get(id) ?? []),
    created,
    offset: firstOffset,
    size: rows.length,
    next:
      hasNext && last
        ? encodeCursor([last.value, last.id, Math.max(firstOffset + rows.length - 1, 0)])
        : null,
    previous: hasPrevious && first ? encodeCursor([first.value, first.id, firstOffset]) : null,
    counts,
    total,
  };
}
