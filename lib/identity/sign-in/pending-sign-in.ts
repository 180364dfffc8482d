import { and, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Queryable, Transaction } from '#db/client.ts';
import { pendingSignIns } from '#db/schema/sessions.ts';

/** How often a user can try the second step of one sign-in. */
const ATTEMPTS_PER_SIGN_IN = 5;

/**
 * Stores for ten minutes that the user entered the correct password and has to use a second factor.
 * @returns the id of the pending sign-in
 */
export async function startPendingSignIn(transaction: Transaction, userId: string): Promise<string> {
  const id = uuidv7();
  const isExpired = and(eq(pendingSignIns.userId, userId), lt(pendingSignIns.expiresAt, sql`now()`));
  await transaction.delete(pendingSignIns).where(isExpired);
  await transaction
    .insert(pendingSignIns)
    .values({ id, userId, expiresAt: sql`now() + interval '10 minutes'` });
  return id;
}

const matchesValidSignIn = (id: string) =>
  and(eq(pendingSignIns.id, id), isNull(pendingSignIns.usedAt), gt(pendingSignIns.expiresAt, sql`now()`));

/** Returns the user of a pending sign-in; null if it has expired, was used, or has no attempts left. */
export async function readPendingSignIn(database: Queryable, id: string): Promise<{ userId: string } | null> {
  const [pending] = await database
    .select({ userId: pendingSignIns.userId })
    .from(pendingSignIns)
    .where(and(matchesValidSignIn(id), lt(pendingSignIns.attempts, ATTEMPTS_PER_SIGN_IN)));
  return pending ?? null;
}

/**
 * Consumes one of a sign-in's five attempts. A single statement does it, and is committed before the factor is checked,
 * so that concurrent guesses cannot exceed the limit (OWASP ASVS 5.0, 6.6.3).
 * @returns null if the sign-in has expired, was used, or has no attempts left
 */
export async function consumePendingAttempt(
  database: Queryable,
  id: string,
): Promise<{ userId: string; attemptsLeft: number } | null> {
  const [attempt] = await database
    .update(pendingSignIns)
    .set({ attempts: sql`${pendingSignIns.attempts} + 1` })
    .where(and(matchesValidSignIn(id), lt(pendingSignIns.attempts, ATTEMPTS_PER_SIGN_IN)))
    .returning({ userId: pendingSignIns.userId, attempts: pendingSignIns.attempts });
  return attempt ? { userId: attempt.userId, attemptsLeft: ATTEMPTS_PER_SIGN_IN - attempt.attempts } : null;
}

/**
 * Marks a pending sign-in as used.
 * @returns when the correct password was entered; null if the sign-in was used or has expired
 */
export async function completePendingSignIn(
  transaction: Transaction,
  id: string,
): Promise<{ createdAt: Date } | null> {
  const [used] = await transaction
    .update(pendingSignIns)
    .set({ usedAt: sql`now()` })
    .where(matchesValidSignIn(id))
    .returning({ createdAt: pendingSignIns.createdAt });
  return used ?? null;
}

/** Deletes a user's pending sign-ins. The caller has locked the user's row. */
export async function deletePendingSignIns(transaction: Transaction, userId: string): Promise<void> {
  await transaction.delete(pendingSignIns).where(eq(pendingSignIns.userId, userId));
}
