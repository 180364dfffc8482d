import { eq } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { passkeys, recoveryCodes } from '#db/schema/factors.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAct } from '#lib/audit/record.ts';
import { hashPassword } from '#lib/auth/password.ts';
import { queueMessage } from '#lib/deliveries/queue-message.ts';
import { holdPerson } from '#lib/factors/hold-person.ts';
import type { SecurityNotice } from '#lib/messages/security-notices.ts';
import { setPassword } from '#lib/passwords/set.ts';
import { senderFor } from '#lib/queue/enqueue.ts';
import { foldEmail } from './email.ts';
import { generatePassword } from './generate-password.ts';

/** `secondFactor`: what became of it; `none` where there was none. */
type Reset = { email: string; active: boolean; secondFactor: 'kept' | 'removed' | 'none' };

export type ResetAtConsole =
  /** The password is told here, once. */
  ({ ok: true; password: string } & Reset) | { ok: false; reason: 'unknown' };

/** An app that was begun and never confirmed goes as well. */
async function removeFactors(transaction: Transaction, userId: string): Promise<void> {
  await transaction.delete(passkeys).where(eq(passkeys.userId, userId));
  await transaction.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId));
  await transaction
    .update(users)
    .set({ totpSecret: null, totpConfirmedAt: null, totpLastStep: null })
    .where(eq(users.id, userId));
}

/**
 * Gives a person a password that is made up, from the server's console, where nobody is signed in: for whoever cannot
 * get in by any other way. Whoever is signed in as them is signed out, and they are told by email.
 */
export async function resetPasswordAtConsole(
  database: Database,
  { email, removeSecondFactor }: { email: string; removeSecondFactor: boolean },
): Promise<ResetAtConsole> {
  const [person] = await database
    .select({ id: users.id })
    .from(users)
    .where(eq(users.emailFolded, foldEmail(email)));
  if (!person) return { ok: false, reason: 'unknown' };
  const userId = person.id;
  const password = generatePassword();
  const hash = await hashPassword(password);
  const sender = await senderFor(database.$client);
  return withTransaction(database, async (transaction) => {
    const held = await holdPerson(transaction, userId);
    if (!held) return { ok: false, reason: 'unknown' };
    const sessionsEnded = await setPassword(transaction, userId, { password, hash, given: true });
    if (removeSecondFactor) await removeFactors(transaction, userId);
    const had = removeSecondFactor ? 'removed' : 'kept';
    const secondFactor = held.factors > 0 ? had : 'none';
    const details = { secondFactorRemoved: secondFactor === 'removed', sessionsEnded };
    const notices: SecurityNotice[] = ['password_changed'];
    if (secondFactor === 'removed') notices.push('second_factor_removed');
    for (const notice of notices) {
      await queueMessage(transaction, sender, { kind: 'security_notice', userId, notice });
    }
    recordAct(transaction, 'password.reset_at_console', { userId: null, targetUserId: userId, details });
    return { ok: true, password, email: held.email, active: held.active, secondFactor };
  });
}
