import { eq } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { passkeys } from '#db/schema/factors.ts';
import { users } from '#db/schema/users.ts';
import { countRecoveryCodes } from './recovery-codes.ts';
import type { FactorsView, PasskeyView } from './schema.ts';

/** What a person can prove who they are with. */
export async function listFactors(database: Queryable, userId: string): Promise<FactorsView> {
  const [person] = await database
    .select({ passwordHash: users.passwordHash, totpSince: users.totpConfirmedAt })
    .from(users)
    .where(eq(users.id, userId));
  const own: PasskeyView[] = await database
    .select({
      id: passkeys.id,
      name: passkeys.name,
      createdAt: passkeys.createdAt,
      lastUsedAt: passkeys.lastUsedAt,
      backedUp: passkeys.backedUp,
    })
    .from(passkeys)
    .where(eq(passkeys.userId, userId))
    .orderBy(passkeys.id);
  return {
    password: typeof person?.passwordHash === 'string',
    passkeys: own,
    totpSince: person?.totpSince ?? null,
    recoveryCodesLeft: await countRecoveryCodes(database, userId),
  };
}
