import { and, eq, gt, isNull, lt, type SQL, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { apiAccounts } from '#db/schema/api-accounts.ts';
import { reveals } from '#db/schema/reveals.ts';
import { ATTEMPTS_PER_LINK } from '#lib/account-state/limits.ts';

/**
 * Locks the account for the rest of the transaction, and returns the id of its current reveal.
 * Without this lock, the second update of the reveal would lock the account after the reveal and could deadlock:
 * PostgreSQL checks the foreign key of a row that the transaction itself has written.
 */
export async function lockAccount(transaction: Transaction, accountId: string): Promise<string | null> {
  const [account] = await transaction
    .select({ revealId: apiAccounts.revealId })
    .from(apiAccounts)
    .where(eq(apiAccounts.id, accountId))
    .for('update');
  return account?.revealId ?? null;
}

/** Matches the reveal's row if the reveal is open and all conditions are true. */
export const matchesOpenReveal = (revealId: string, ...conditions: SQL[]) =>
  and(
    eq(reveals.id, revealId),
    isNull(reveals.endedAt),
    gt(reveals.expiresAt, sql`now()`),
    lt(reveals.linkAttempts, ATTEMPTS_PER_LINK),
    ...conditions,
  );
