import { and, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Queryable, Transaction } from '#db/client.ts';
import { pendingSignIns } from '#db/schema/sessions.ts';
import { ATTEMPTS_PER_SIGN_IN } from './limits.ts';

/** Writes down that a password was right, while the second factor is awaited: for ten minutes. */
export async function beginSecondStep(transaction: Transaction, userId: string): Promise<string> {
  const id = uuidv7();
  const over = and(eq(pendingSignIns.userId, userId), lt(pendingSignIns.expiresAt, sql`now()`));
  await transaction.delete(pendingSignIns).where(over);
  await transaction
    .insert(pendingSignIns)
    .values({ id, userId, expiresAt: sql`now() + interval '10 minutes'` });
  return id;
}

const isOpen = (id: string) =>
  and(eq(pendingSignIns.id, id), isNull(pendingSignIns.usedAt), gt(pendingSignIns.expiresAt, sql`now()`));

/** Whose second factor is awaited; null where the sign-in is over. */
export async function readPending(database: Queryable, id: string): Promise<{ userId: string } | null> {
  const [pending] = await database
    .select({ userId: pendingSignIns.userId })
    .from(pendingSignIns)
    .where(and(isOpen(id), lt(pendingSignIns.tries, ATTEMPTS_PER_SIGN_IN)));
  return pending ?? null;
}

/**
 * Spends one of a sign-in's five tries: one statement, committed before the factor is looked at, so that a hundred
 * guesses sent at once are still five (OWASP ASVS 5.0, 6.6.3).
 */
export async function consumePendingAttempt(
  database: Queryable,
  id: string,
): Promise<{ userId: string; triesLeft: number } | null> {
  const [spent] = await database
    .update(pendingSignIns)
    .set({ tries: sql`${pendingSignIns.tries} + 1` })
    .where(and(isOpen(id), lt(pendingSignIns.tries, ATTEMPTS_PER_SIGN_IN)))
    .returning({ userId: pendingSignIns.userId, tries: pendingSignIns.tries });
  return spent ? { userId: spent.userId, triesLeft: ATTEMPTS_PER_SIGN_IN - spent.tries } : null;
}

/** Uses a sign-in up: once. Gives when its password was right; null where somebody was faster, or it is over. */
export async function closePending(
  transaction: Transaction,
  id: string,
): Promise<{ createdAt: Date } | null> {
  const [used] = await transaction
    .update(pendingSignIns)
    .set({ usedAt: sql`now()` })
    .where(isOpen(id))
    .returning({ createdAt: pendingSignIns.createdAt });
  return used ?? null;
}

/** Drops what somebody has of sign-ins that wait for a second factor. Its caller holds the person's row. */
export async function deletePendingSignIns(transaction: Transaction, userId: string): Promise<void> {
  await transaction.delete(pendingSignIns).where(eq(pendingSignIns.userId, userId));
}
