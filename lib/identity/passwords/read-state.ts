import { eq } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { hasFactorNow } from './check-for.ts';
import { leastLength } from './schema.ts';

/** How a person's own password stands, and how many characters the next one has at least. */
export async function readPasswordState(database: Queryable, userId: string) {
  const [person] = await database
    .select({ hash: users.passwordHash, changedAt: users.passwordChangedAt })
    .from(users)
    .where(eq(users.id, userId));
  const least = leastLength({ hasFactor: await hasFactorNow(database, userId) });
  return { isSet: typeof person?.hash === 'string', changedAt: person?.changedAt ?? null, least };
}
