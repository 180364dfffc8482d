import { type SQLWrapper, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { accessTokens } from '#db/schema/access-tokens.ts';
import { users } from '#db/schema/users.ts';
import { selectNameOrEmail } from './name-or-email.ts';

const userName = selectNameOrEmail({ name: sql`acting_user.name`, email: sql`acting_user.email` });

/**
 * Selects the name of an actor by its id: that of a user, or `Access token “name”`. Null if the id is null, or if an
 * operator deleted the row. The id is in a list of values, where no column of the tables that are read here can hide a
 * column of the same name of the query around it.
 */
export const selectActorName = (actorId: SQLWrapper) => sql<string | null>`(
  select coalesce(${userName}, 'Access token “' || acting_token.name || '”')
  from (values (${actorId})) as actor (id)
  left join ${users} acting_user on acting_user.id = actor.id
  left join ${accessTokens} acting_token on acting_token.id = actor.id)`;

/** Reads the name of an actor by its id, as `selectActorName` selects it. */
export async function readActorName(database: Queryable, actorId: string | null): Promise<string | null> {
  const { rows } = await database.execute<{ name: string | null }>(
    sql`select ${selectActorName(sql`${actorId}::uuid`)} as name`,
  );
  return rows[0]?.name ?? null;
}
