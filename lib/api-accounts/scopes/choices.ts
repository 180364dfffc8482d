import { asc, isNull } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { scopes } from '#db/schema/scopes.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import type { NewScope } from './schema.ts';

/** Lists the scopes that can be given to accounts, by name. */
export function listScopeChoices(database: Queryable, _administrator: Administrator): Promise<NewScope[]> {
  return database
    .select({ name: scopes.name, description: scopes.description })
    .from(scopes)
    .where(isNull(scopes.retiredAt))
    .orderBy(asc(scopes.name));
}
