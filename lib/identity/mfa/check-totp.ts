import { and, eq, isNotNull, isNull, lt, or, sql } from 'drizzle-orm';
import type { Queryable } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { readTotpCode } from './schema.ts';
import type { Take } from './take.ts';
import { matchingStep, STEP_SECONDS } from './totp.ts';
import { openTotpSecret } from './totp-secret.ts';

/** The time step of now, by the database's clock. */
export const stepNow = sql<number>`floor(extract(epoch from now()) / ${STEP_SECONDS})`.mapWith(Number);

/**
 * Compares the code of a person's authenticator app. Each step's code is taken once, and none that is older than the
 * last one taken (RFC 6238, 5.2).
 * @returns null where it is not right
 */
export async function checkTotp(database: Queryable, userId: string, code: string): Promise<Take | null> {
  const digits = readTotpCode(code);
  const [person] = await database
    .select({ sealed: users.totpSecret, step: stepNow })
    .from(users)
    .where(and(eq(users.id, userId), isNotNull(users.totpConfirmedAt)));
  const sealed = person?.sealed;
  const secret = sealed ? openTotpSecret(userId, sealed) : null;
  if (!digits || !person || !sealed || !secret) return null;
  const step = matchingStep(secret, digits, person.step);
  if (step === null) return null;
  return async (transaction) => {
    const taken = await transaction
      .update(users)
      .set({ totpLastStep: step })
      .where(
        and(
          eq(users.id, userId),
          eq(users.totpSecret, sealed),
          isNotNull(users.totpConfirmedAt),
          or(isNull(users.totpLastStep), lt(users.totpLastStep, step)),
        ),
      )
      .returning({ id: users.id });
    return taken.length > 0;
  };
}
