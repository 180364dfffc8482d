import { eq } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { hasSecondFactor } from './check.ts';
import { minPasswordLength } from './schema.ts';

/** Reads whether and when a user's password was set, and the minimum length of the next one. */
export async function readPasswordState(database: Queryable, userId: string) {
  const [user] = await database
    .select({ hash: users.passwordHash, changedAt: users.passwordChangedAt })
    .from(users)
    .where(eq(users.id, userId));
  const minLength = minPasswordLength({ hasFactor: await hasSecondFactor(database, userId) });
  return { isSet: typeof user?.hash === 'string', changedAt: user?.changedAt ?? null, minLength };
}
