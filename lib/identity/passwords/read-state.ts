import { eq } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { hasSecondFactor } from './check.ts';
import { getMinPasswordLength } from './schema.ts';

/**
 * Reads whether a user has a password, when they last changed it, and the minimum length of a new one. `changedAt` is
 * null unless the user set the current password.
 */
export async function readPasswordState(database: Queryable, userId: string) {
  const [user] = await database
    .select({ hash: users.passwordHash, changedAt: users.passwordChangedAt })
    .from(users)
    .where(eq(users.id, userId));
  const minLength = getMinPasswordLength({ hasFactor: await hasSecondFactor(database, userId) });
  return { isSet: typeof user?.hash === 'string', changedAt: user?.changedAt ?? null, minLength };
}
