import { eq, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { endEmailLinks } from '#lib/identity/email-links/end.ts';
import { endUserSessions } from '#lib/identity/sessions/end-sessions.ts';
import { deletePendingSignIns } from '#lib/identity/sign-in/pending-sign-in.ts';
import { BusyError, hashPassword } from './hash.ts';
import { allowsSingleFactor } from './schema.ts';

/** Hashes a new password; null if too many callers are waiting. Slow, so call it before the transaction begins. */
export async function tryHashPassword(password: string): Promise<string | null> {
  return hashPassword(password).catch((error: unknown) => {
    if (error instanceof BusyError) return null;
    throw error;
  });
}

type NewPassword = {
  password: string;
  hash: string;
  /** The name of a user who accepts an invitation. */
  name?: string | undefined;
  /** Whether the password was generated for the user. */
  isGenerated?: boolean;
  /** Id of the session to keep. */
  keepSession?: string | undefined;
};

/**
 * Sets a user's password in the caller's transaction. Ends their sessions except `keepSession`, and invalidates their
 * pending sign-ins and email links (OWASP ASVS 5.0, 7.4.3). The caller has locked the user's row (`lockUser`), and has
 * checked or generated the password.
 * @returns the number of ended sessions
 */
export async function setPassword(
  transaction: Transaction,
  userId: string,
  { password, hash, name, isGenerated = false, keepSession }: NewPassword,
): Promise<number> {
  await transaction
    .update(users)
    .set({
      passwordHash: hash,
      passwordChangedAt: isGenerated ? null : sql`now()`,
      passwordAllowsSingleFactor: allowsSingleFactor(password),
      ...(name === undefined ? {} : { name }),
    })
    .where(eq(users.id, userId));
  await deletePendingSignIns(transaction, userId);
  const sessionsEnded = await endUserSessions(transaction, userId, 'password_changed', keepSession);
  await endEmailLinks(transaction, userId, 'withdrawn');
  return sessionsEnded;
}
