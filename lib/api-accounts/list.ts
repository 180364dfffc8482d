import { and, count, gt, ilike, lt, or, type SQL } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import type { Viewer } from '#lib/platform/authorization/roles.ts';
import { foldUsernameSearch } from '#lib/platform/user-input/name.ts';
import type { AccountSummary } from './schema.ts';
import { readSummaries } from './summary.ts';

/** Accounts per page. */
export const PAGE_SIZE = 50;
/** Upper bound for counting, to keep searches fast. */
export const COUNT_LIMIT = 10_000;

export type AccountQuery = { search: string; after?: string | undefined; before?: string | undefined };

export type AccountPage = {
  accounts: AccountSummary[];
  /** Cursor to pass as `after` for the next page; null on the last page. */
  next: string | null;
  /** Cursor to pass as `before` for the previous page; null on the first page. */
  previous: string | null;
  /** Number of matching accounts; `COUNT_LIMIT` means that many or more. */
  total: number;
};

const encodeCursor = (usernameFolded: string) => Buffer.from(usernameFolded).toString('base64url');
const decodeCursor = (cursor: string) => Buffer.from(cursor, 'base64url').toString().replaceAll('\0', '');

/** Builds the condition for accounts whose username or email address contains the text; undefined if it is empty. */
export function buildSearchCondition(search: string): SQL | undefined {
  const patterns = foldUsernameSearch(search.replaceAll('\0', ''))
    .filter(Boolean)
    .map((part) => `%${part.replace(/[\\%_]/g, '\\$&')}%`);
  return or(
    ...patterns.flatMap((pattern) => [
      ilike(apiAccounts.usernameFolded, pattern),
      ilike(apiAccounts.email, pattern),
    ]),
  );
}

async function countMatches(database: Database, where: SQL | undefined): Promise<number> {
  const found = database
    .select({ id: apiAccounts.id })
    .from(apiAccounts)
    .where(where)
    .limit(COUNT_LIMIT)
    .as('found');
  const [row] = await database.select({ total: count() }).from(found);
  return row?.total ?? 0;
}

/**
 * Lists a page of API accounts, sorted by username. Uses keyset pagination: every page costs the same, and no row is
 * repeated if accounts are created meanwhile.
 */
export async function listApiAccounts(
  database: Database,
  _viewer: Viewer,
  query: AccountQuery,
): Promise<AccountPage> {
  const searchCondition = buildSearchCondition(query.search);
  const isBackwards = query.before !== undefined;
  const cursor = query.before ?? query.after;
  const position = cursor === undefined ? undefined : decodeCursor(cursor);
  const cursorCondition =
    position === undefined ? undefined : (isBackwards ? lt : gt)(apiAccounts.usernameFolded, position);
  const [rows, total] = await Promise.all([
    readSummaries(database, and(searchCondition, cursorCondition), { limit: PAGE_SIZE + 1, isBackwards }),
    countMatches(database, searchCondition),
  ]);
  const hasMore = rows.length > PAGE_SIZE;
  const page = rows.slice(0, PAGE_SIZE);
  if (isBackwards) page.reverse();
  const [first, last] = [page.at(0), page.at(-1)];
  const hasNext = isBackwards ? true : hasMore;
  const hasPrevious = isBackwards ? hasMore : position !== undefined;
  return {
    accounts: page.map((row) => row.summary),
    next: hasNext && last ? encodeCursor(last.usernameFolded) : null,
    previous: hasPrevious && first ? encodeCursor(first.usernameFolded) : null,
    total,
  };
}
