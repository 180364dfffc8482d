import { and, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#db/client.ts';
import { passkeyChallenges } from '#db/schema/factors.ts';

type Purpose = (typeof passkeyChallenges.$inferSelect)['purpose'];

/**
 * Stores a challenge that is valid for five minutes, for one purpose and one user.
 * @param input.userId null if the user is not known yet
 * @returns the challenge's id
 */
export async function storeChallenge(
  database: Database,
  { purpose, userId, challenge }: { purpose: Purpose; userId: string | null; challenge: string },
): Promise<string> {
  const id = uuidv7();
  // Anyone can request challenges on the sign-in page, so old ones must not accumulate.
  await database
    .delete(passkeyChallenges)
    .where(lt(passkeyChallenges.expiresAt, sql`now() - interval '1 hour'`));
  await database
    .insert(passkeyChallenges)
    .values({ id, purpose, userId, challenge, expiresAt: sql`now() + interval '5 minutes'` });
  return id;
}

/**
 * Consumes a challenge. Call it before verifying the signature.
 * @param input.userId null matches only a challenge that was stored for an unknown user
 * @returns the challenge; null if it is unknown, used or expired, or belongs to another purpose or user
 */
export async function consumeChallenge(
  database: Database,
  { id, purpose, userId }: { id: string; purpose: Purpose; userId: string | null },
): Promise<string | null> {
  const [consumed] = await database
    .update(passkeyChallenges)
    .set({ usedAt: sql`now()` })
    .where(
      and(
        eq(passkeyChallenges.id, id),
        eq(passkeyChallenges.purpose, purpose),
        userId === null ? isNull(passkeyChallenges.userId) : eq(passkeyChallenges.userId, userId),
        isNull(passkeyChallenges.usedAt),
        gt(passkeyChallenges.expiresAt, sql`now()`),
      ),
    )
    .returning({ challenge: passkeyChallenges.challenge });
  return consumed?.challenge ?? null;
}
