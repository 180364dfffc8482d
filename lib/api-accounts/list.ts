import { and, count, gt, ilike, lt, or, type SQL } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import type { Viewer } from '#lib/platform/authorization/roles.ts';
import { type AccountSummary, foldUsername } from './schema.ts';
import { readSummaries } from './summary.ts';

/** How many accounts a page shows. */
export const PAGE_SIZE = 50;
/** Counting stops here. */
const COUNT_LIMIT = 10_000;

export type AccountQuery = { search: string; after?: string | undefined; before?: string | undefined };

export type AccountPage = {
  accounts: AccountSummary[];
  /** What to pass as `after` for the next page; null on the last. */
  next: string | null;
  /** What to pass as `before` for the page before; null on the first. */
  previous: string | null;
  /** How many accounts the search has found; 10,000 stands for as many or more. */
  total: number;
};

const writeCursor = (usernameFolded: string) => Buffer.from(usernameFolded).toString('base64url');
const readCursor = (cursor: string) => Buffer.from(cursor, 'base64url').toString().replaceAll('\0', '');

/** The accounts whose username or email address contains the words; all of them where there are none. */
function matching(search: string): SQL | undefined {
  const folded = foldUsername(search.replaceAll('\0', ''));
  if (!folded) return undefined;
  const pattern = `%${folded.replace(/[\\%_]/g, '\\$&')}%`;
  return or(ilike(apiAccounts.usernameFolded, pattern), ilike(apiAccounts.email, pattern));
}

async function countUpTo(database: Database, where: SQL | undefined): Promise<number> {
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
 * A page of API accounts in the order of their usernames, from after or before a place (keyset: the same
 * cost on every page, and no row twice when others create accounts meanwhile).
 */
export async function listApiAccounts(
  database: Database,
  _viewer: Viewer,
  query: AccountQuery,
): Promise<AccountPage> {
  const found = matching(query.search);
  const backwards = query.before !== undefined;
  const edge = query.before ?? query.after;
  const place = edge === undefined ? undefined : readCursor(edge);
  const beyond = place === undefined ? undefined : (backwards ? lt : gt)(apiAccounts.usernameFolded, place);
  const [rows, total] = await Promise.all([
    readSummaries(database, and(found, beyond), { limit: PAGE_SIZE + 1, backwards }),
    countUpTo(database, found),
  ]);
  const more = rows.length > PAGE_SIZE;
  const page = rows.slice(0, PAGE_SIZE);
  if (backwards) page.reverse();
  const [first, last] = [page.at(0), page.at(-1)];
  const hasNext = backwards ? true : more;
  const hasPrevious = backwards ? more : place !== undefined;
  return {
    accounts: page.map((row) => row.summary),
    next: hasNext && last ? writeCursor(last.usernameFolded) : null,
    previous: hasPrevious && first ? writeCursor(first.usernameFolded) : null,
    total,
  };
}
