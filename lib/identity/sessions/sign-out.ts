import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { sessions } from '#db/schema/sessions.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';

/** Ends a session, and records it as a sign-out. Does nothing if the session has already ended. */
export async function endSessionInTransaction(
  transaction: Transaction,
  sessionId: string,
  endReason: 'signed_out' | 'replaced',
  ipAddress: string | null,
): Promise<void> {
  const [ended] = await transaction
    .update(sessions)
    .set({ endedAt: sql`now()`, endReason })
    .where(and(eq(sessions.id, sessionId), isNull(sessions.endedAt)))
    .returning({ userId: sessions.userId });
  if (ended) recordAuditEvent(transaction, 'sign_out', { userId: ended.userId, ipAddress });
}

/** Ends a session. Every request that begins after this function has returned is refused. */
export async function signOut(
  database: Database,
  sessionId: string,
  ipAddress: string | null = null,
): Promise<void> {
  await withTransaction(database, (transaction) =>
    endSessionInTransaction(transaction, sessionId, 'signed_out', ipAddress),
  );
}
