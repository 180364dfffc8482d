import { eq } from 'drizzle-orm';
import type { Queryable, Transaction } from '#db/client.ts';
import { passkeys } from '#db/schema/factors.ts';
import { users } from '#db/schema/users.ts';

const columns = {
  id: users.id,
  email: users.email,
  active: users.active,
  passwordHash: users.passwordHash,
  passwordChangedAt: users.passwordChangedAt,
  passwordAllowsSingleFactor: users.passwordAllowsSingleFactor,
  totpSecret: users.totpSecret,
  totpConfirmedAt: users.totpConfirmedAt,
};

async function countPasskeys(database: Queryable, userId: string): Promise<number> {
  return database.$count(passkeys, eq(passkeys.userId, userId));
}

/**
 * Locks a user's row for the rest of the transaction, and counts their passkeys and second factors. Sign-ins and changes
 * of factors call it, so that they run one after the other. A second statement counts, because the statement that waits
 * for the lock does not see passkeys that were committed while it waited.
 */
export async function lockUser(transaction: Transaction, userId: string) {
  const [user] = await transaction.select(columns).from(users).where(eq(users.id, userId)).for('update');
  if (!user) return null;
  const passkeyCount = await countPasskeys(transaction, userId);
  return { ...user, passkeyCount, factorCount: passkeyCount + (user.totpConfirmedAt ? 1 : 0) };
}

export type LockedUser = NonNullable<Awaited<ReturnType<typeof lockUser>>>;
