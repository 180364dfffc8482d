import { asc, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { scopes } from '#db/schema/scopes.ts';
import type { Viewer } from '#lib/platform/authorization/roles.ts';
import type { Scope } from './schema.ts';

/** Lists the scopes of the organisation by name, also retired ones, with the number of accounts that have each. */
export async function listScopes(database: Queryable, _viewer: Viewer): Promise<Scope[]> {
  const counted = database
    .select({
      name: sql<string>`unnest(${apiAccounts.scopes})`.as('scope_name'),
      accounts: sql<number>`count(*)::int`.as('account_count'),
    })
    .from(apiAccounts)
    .where(sql`${apiAccounts.scopes} is not null`)
    .groupBy(sql`1`)
    .as('counted');
  return database
    .select({
      name: scopes.name,
      description: scopes.description,
      accounts: sql<number>`coalesce(${counted.accounts}, 0)`,
      retiredAt: scopes.retiredAt,
    })
    .from(scopes)
    .leftJoin(counted, sql`${counted.name} = ${scopes.name}`)
    .orderBy(asc(scopes.name));
}
