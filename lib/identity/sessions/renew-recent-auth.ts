import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { RECENT_AUTH_INTERVAL } from './touch-session.ts';

/**
 * Sets when the session's user last authenticated, but never to an earlier time than before. The caller has locked the
 * user's row (`lockActor`).
 * @returns false, without a change, if `at` is too long ago to count as recent
 */
export async function renewRecentAuth(
  transaction: Transaction,
  sessionId: string,
  at: SQL<Date> = sql`now()`,
): Promise<boolean> {
  const renewed = await transaction
    .update(sessions)
    .set({ authenticatedAt: sql`greatest(${sessions.authenticatedAt}, ${at})` })
    .where(and(eq(sessions.id, sessionId), sql`${at} > now() - ${RECENT_AUTH_INTERVAL}::interval`))
    .returning({ id: sessions.id });
  return renewed.length > 0;
}
