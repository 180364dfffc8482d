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
  passwordStandsAlone: users.passwordStandsAlone,
  totpSecret: users.totpSecret,
  totpConfirmedAt: users.totpConfirmedAt,
};

/** How many passkeys somebody has. */
async function countPasskeys(database: Queryable, userId: string): Promise<number> {
  return database.$count(passkeys, eq(passkeys.userId, userId));
}

/**
 * A person's row, held until the transaction ends, and how many passkeys they have: whatever adds or removes a factor
 * holds it, and so does whatever signs in, so that neither overtakes the other. The passkeys are counted by a
 * statement of their own: one that had to wait for the row would see them as they were before.
 */
export async function lockUser(transaction: Transaction, userId: string) {
  const [held] = await transaction.select(columns).from(users).where(eq(users.id, userId)).for('update');
  if (!held) return null;
  const passkeyCount = await countPasskeys(transaction, userId);
  return { ...held, passkeyCount, factors: passkeyCount + (held.totpConfirmedAt ? 1 : 0) };
}

export type LockedUser = NonNullable<Awaited<ReturnType<typeof lockUser>>>;
