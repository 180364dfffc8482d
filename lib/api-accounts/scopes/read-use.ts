import { sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import type { ScopeUse } from './schema.ts';

/** How many usernames are listed. */
const MAX_LISTED = 10;

/** Reads which accounts have a scope. */
export async function readScopeUse(
  database: Queryable,
  _administrator: Administrator,
  { name }: { name: string },
): Promise<ScopeUse> {
  const hasScope = sql`${name} = any (${apiAccounts.scopes})`;
  const [counts] = await database
    .select({
      accounts: sql<number>`count(*)::int`,
      onlyScope: sql<number>`(count(*) filter (where cardinality(${apiAccounts.scopes}) = 1))::int`,
    })
    .from(apiAccounts)
    .where(hasScope);
  const { accounts = 0, onlyScope = 0 } = counts ?? {};
  if (accounts === 0) return { accounts, onlyScope, usernames: [] };
  const listed = await database
    .select({ username: apiAccounts.username })
    .from(apiAccounts)
    .where(hasScope)
    .orderBy(apiAccounts.usernameFolded)
    .limit(MAX_LISTED);
  return { accounts, onlyScope, usernames: listed.map(({ username }) => username) };
}
