import { and, eq, isNotNull, isNull, lt, or, sql } from 'drizzle-orm';
import type { Queryable, Transaction } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { findCode } from '#lib/platform/user-input/code.ts';
import { findMatchingStep, STEP_SECONDS } from './totp.ts';
import { decryptTotpSecret } from './totp-secret.ts';

/**
 * Marks a verified factor as used, in the transaction of the action that it authorizes.
 * Returns false if it was used or changed concurrently; the caller must then treat it as wrong.
 */
export type ConsumeFactor = (transaction: Transaction) => Promise<boolean>;

/** Selects the current time step, by the database's clock. */
export const currentStep = sql<number>`floor(extract(epoch from now()) / ${STEP_SECONDS})`.mapWith(Number);

/**
 * Checks a code of a user's authenticator app. The returned function accepts each code once (RFC 6238, 5.2), and no code
 * that is older than the last used one.
 * @returns null if the code is wrong or malformed, or if the user has no authenticator app
 */
export async function checkTotp(
  database: Queryable,
  userId: string,
  code: string,
): Promise<ConsumeFactor | null> {
  const digits = findCode(code);
  const [user] = await database
    .select({ encryptedSecret: users.totpSecret, step: currentStep })
    .from(users)
    .where(and(eq(users.id, userId), isNotNull(users.totpConfirmedAt)));
  const encryptedSecret = user?.encryptedSecret;
  const secret = encryptedSecret ? decryptTotpSecret(userId, encryptedSecret) : null;
  if (!digits || !user || !encryptedSecret || !secret) return null;
  const step = findMatchingStep(secret, digits, user.step);
  if (step === null) return null;
  return async (transaction) => {
    const updated = await transaction
      .update(users)
      .set({ totpLastStep: step })
      .where(
        and(
          eq(users.id, userId),
          eq(users.totpSecret, encryptedSecret),
          isNotNull(users.totpConfirmedAt),
          or(isNull(users.totpLastStep), lt(users.totpLastStep, step)),
        ),
      )
      .returning({ id: users.id });
    return updated.length > 0;
  };
}
