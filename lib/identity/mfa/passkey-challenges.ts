import { and, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#db/client.ts';
import { passkeyChallenges } from '#db/schema/factors.ts';

type Purpose = (typeof passkeyChallenges.$inferSelect)['purpose'];

/** Keeps a challenge for five minutes, for one purpose and one person (null: nobody is known yet). */
export async function storeChallenge(
  database: Database,
  { purpose, userId, challenge }: { purpose: Purpose; userId: string | null; challenge: string },
): Promise<string> {
  const id = uuidv7();
  // Anybody can ask for challenges on the page for signing in, so those that are over are thrown away here.
  await database
    .delete(passkeyChallenges)
    .where(lt(passkeyChallenges.expiresAt, sql`now() - interval '1 hour'`));
  await database
    .insert(passkeyChallenges)
    .values({ id, purpose, userId, challenge, expiresAt: sql`now() + interval '5 minutes'` });
  return id;
}

/** Spends a challenge, before any signature is looked at: once, in time, and for what it was made. */
export async function consumeChallenge(
  database: Database,
  { id, purpose, userId }: { id: string; purpose: Purpose; userId: string | null },
): Promise<string | null> {
  const [spent] = await database
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
  return spent?.challenge ?? null;
}
