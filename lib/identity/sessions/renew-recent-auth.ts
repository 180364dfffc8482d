import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { RECENT_AUTH_LASTS } from './touch-session.ts';

/**
 * Lets a proof count for a session as of `at`. Its caller holds the person who asks (`lockActor`).
 * @returns false, and nothing is changed, where that is too long ago to count at all
 */
export async function renewRecentAuth(
  transaction: Transaction,
  sessionId: string,
  at: SQL<Date> = sql`now()`,
): Promise<boolean> {
  const renewed = await transaction
    .update(sessions)
    .set({ authenticatedAt: sql`greatest(${sessions.authenticatedAt}, ${at})` })
    .where(and(eq(sessions.id, sessionId), sql`${at} > now() - ${RECENT_AUTH_LASTS}::interval`))
    .returning({ id: sessions.id });
  return renewed.length > 0;
}
