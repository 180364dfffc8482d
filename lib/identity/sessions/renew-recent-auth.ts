import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { PROOF_LASTS } from './touch-session.ts';

/**
 * Lets a proof count for a session as of `at`. Its caller holds the person who asks (`holdAsking`).
 * @returns false, and nothing is changed, where that is too long ago to count at all
 */
export async function renewProof(
  transaction: Transaction,
  sessionId: string,
  at: SQL<Date> = sql`now()`,
): Promise<boolean> {
  const renewed = await transaction
    .update(sessions)
    .set({ provenAt: sql`greatest(${sessions.provenAt}, ${at})` })
    .where(and(eq(sessions.id, sessionId), sql`${at} > now() - ${PROOF_LASTS}::interval`))
    .returning({ id: sessions.id });
  return renewed.length > 0;
}
