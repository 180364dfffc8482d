import { eq, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { endUserLinks } from '#lib/identity/email-links/end.ts';
import { endSessionsOf } from '#lib/identity/sessions/end-sessions.ts';
import { deletePendingSignIns } from '#lib/identity/sign-in/pending-sign-in.ts';
import { hashPassword } from './hash.ts';
import { standsAlone } from './schema.ts';
import { BusyError } from './semaphore.ts';

/** Hashes a new password, before the transaction begins: it is slow. Null where too many are waiting. */
export async function hashInTurn(password: string): Promise<string | null> {
  return hashPassword(password).catch((error: unknown) => {
    if (error instanceof BusyError) return null;
    throw error;
  });
}

type NewPassword = {
  password: string;
  hash: string;
  /** Of whoever accepts an invitation. */
  name?: string | undefined;
  /** Somebody else made it up, who has told it to them. */
  given?: boolean;
  /** The session that stays. */
  keepSession?: string | undefined;
};

/**
 * Gives somebody a new password, in the act's own transaction, and ends all that the old one was good for: sessions,
 * sign-ins that await their second step, and links by email (OWASP ASVS 5.0, 7.4.3). Its caller holds the person's row
 * (`lockUser`), and has checked the password.
 * @returns how many sessions were ended
 */
export async function setPassword(
  transaction: Transaction,
  userId: string,
  { password, hash, name, given = false, keepSession }: NewPassword,
): Promise<number> {
  await transaction
    .update(users)
    .set({
      passwordHash: hash,
      passwordChangedAt: given ? null : sql`now()`,
      passwordStandsAlone: standsAlone(password),
      ...(name === undefined ? {} : { name }),
    })
    .where(eq(users.id, userId));
  await deletePendingSignIns(transaction, userId);
  const sessionsEnded = await endSessionsOf(transaction, userId, 'password_changed', keepSession);
  await endUserLinks(transaction, userId, 'withdrawn');
  return sessionsEnded;
}
