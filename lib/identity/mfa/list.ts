import { eq } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { passkeys } from '#db/schema/factors.ts';
import { users } from '#db/schema/users.ts';
import { countRecoveryCodes, readRecoveryCodesTime } from './recovery-codes.ts';
import type { FactorsView, PasskeyView } from './schema.ts';

/** Lists a user's password, passkeys, authenticator app and recovery codes, without secrets. */
export async function listFactors(database: Queryable, userId: string): Promise<FactorsView> {
  const [user] = await database
    .select({ passwordHash: users.passwordHash, totpSince: users.totpConfirmedAt })
    .from(users)
    .where(eq(users.id, userId));
  const ownPasskeys: PasskeyView[] = await database
    .select({
      id: passkeys.id,
      name: passkeys.name,
      createdAt: passkeys.createdAt,
      lastUsedAt: passkeys.lastUsedAt,
      isBackedUp: passkeys.isBackedUp,
    })
    .from(passkeys)
    .where(eq(passkeys.userId, userId))
    .orderBy(passkeys.id);
  return {
    hasPassword: typeof user?.passwordHash === 'string',
    passkeys: ownPasskeys,
    totpSince: user?.totpSince ?? null,
    recoveryCodesLeft: await countRecoveryCodes(database, userId),
    recoveryCodesSince: await readRecoveryCodesTime(database, userId),
  };
}
