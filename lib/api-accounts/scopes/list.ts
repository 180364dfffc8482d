import { asc, eq, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Queryable } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { scopes } from '#db/schema/scopes.ts';
import { users } from '#db/schema/users.ts';
import { selectNameOrEmail } from '#lib/identity/users/name-or-email.ts';
import type { Viewer } from '#lib/platform/authorization/roles.ts';
import type { ScopeDetails } from './schema.ts';

const creator = alias(users, 'creator');
const retirer = alias(users, 'retirer');

/** Lists the scopes of the organisation by name, also retired ones, with the number of accounts that have each. */
export async function listScopes(database: Queryable, _viewer: Viewer): Promise<ScopeDetails[]> {
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
      createdAt: scopes.createdAt,
      createdBy: selectNameOrEmail(creator),
      retiredAt: scopes.retiredAt,
      retiredBy: selectNameOrEmail(retirer),
    })
    .from(scopes)
    .leftJoin(counted, sql`${counted.name} = ${scopes.name}`)
    .leftJoin(creator, eq(creator.id, scopes.createdBy))
    .leftJoin(retirer, eq(retirer.id, scopes.retiredBy))
    .orderBy(asc(scopes.name));
}
