import { asc, desc, sql } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import type { AccessTokenActor } from '#lib/platform/authorization/actor.ts';
import type { Viewer } from '#lib/platform/authorization/roles.ts';
import { foldUsername } from '#lib/platform/user-input/name.ts';
import { buildSearchCondition } from './search.ts';

export type FoundAccount = { id: string; username: string; email: string };

/** Finds a few API accounts as the search of the list does. Those whose username begins with the text come first. */
export async function findApiAccounts(
  database: Database,
  _viewer: Viewer | AccessTokenActor<'accounts:read'>,
  { search, limit }: { search: string; limit: number },
): Promise<FoundAccount[]> {
  const condition = buildSearchCondition(search);
  if (!condition) return [];
  const beginsWithSearch = sql`starts_with(${apiAccounts.usernameFolded}, ${foldUsername(search)})`;
  return database
    .select({ id: apiAccounts.id, username: apiAccounts.username, email: apiAccounts.email })
    .from(apiAccounts)
    .where(condition)
    .orderBy(desc(beginsWithSearch), asc(apiAccounts.usernameFolded))
    .limit(limit);
}
