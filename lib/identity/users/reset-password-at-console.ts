import { eq } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { identities, passkeys, recoveryCodes } from '#db/schema/factors.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { generatePassword } from '#lib/identity/passwords/generate.ts';
import { hashPassword } from '#lib/identity/passwords/hash.ts';
import { setPassword } from '#lib/identity/passwords/set.ts';
import { unlinkIdentities } from '#lib/identity/sso/unlink-identities.ts';
import type { SecurityNotice } from '#lib/notifications/email/security-notices.ts';
import { getQueue, queueMessage } from '#lib/notifications/queue/queue-message.ts';
import { foldEmail } from './fold-email.ts';
import { lockUsers } from './last-administrator.ts';

/** `kept`: left as it was; `none`: the user had no second factor, or no linked account. */
type ResetDetails = {
  email: string;
  active: boolean;
  secondFactor: 'kept' | 'removed' | 'none';
  singleSignOn: 'kept' | 'unlinked' | 'none';
};

type ResetInput = { email: string; removeSecondFactor: boolean; unlinkSso: boolean };

export type ResetPasswordAtConsoleResult =
  /** `password`: shown only once. */
  ({ ok: true; password: string } & ResetDetails) | { ok: false; reason: 'unknown_email' };

/** Deletes all second factors, including an unconfirmed authenticator app. */
async function removeFactors(transaction: Transaction, userId: string): Promise<void> {
  await transaction.delete(passkeys).where(eq(passkeys.userId, userId));
  await transaction.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId));
  await transaction
    .update(users)
    .set({ totpSecret: null, totpConfirmedAt: null, totpLastStep: null })
    .where(eq(users.id, userId));
}

async function unlinkIfRequested(
  transaction: Transaction,
  queue: PgBoss,
  userId: string,
  shouldUnlink: boolean,
): Promise<ResetDetails['singleSignOn']> {
  if (shouldUnlink)
    return (await unlinkIdentities(transaction, queue, userId, { userId: null })) ? 'unlinked' : 'none';
  return (await transaction.$count(identities, eq(identities.userId, userId))) > 0 ? 'kept' : 'none';
}

/**
 * Sets a generated password from the command line, such as for a user who cannot sign in. If requested, also removes
 * their second factors and unlinks their accounts at OpenID providers. Ends their sessions and notifies them by email.
 */
export async function resetPasswordAtConsole(
  database: Database,
  { email, removeSecondFactor, unlinkSso }: ResetInput,
): Promise<ResetPasswordAtConsoleResult> {
  const [user] = await database
    .select({ id: users.id })
    .from(users)
    .where(eq(users.emailFolded, foldEmail(email)));
  if (!user) return { ok: false, reason: 'unknown_email' };
  const userId = user.id;
  const password = generatePassword();
  const hash = await hashPassword(password);
  const queue = await getQueue(database.$client);
  return withTransaction(database, async (transaction) => {
    // A concurrent single sign-on waits for this lock.
    await lockUsers(transaction);
    const lockedUser = await lockUser(transaction, userId);
    if (!lockedUser) return { ok: false, reason: 'unknown_email' };
    const sessionsEnded = await setPassword(transaction, userId, { password, hash, isGenerated: true });
    if (removeSecondFactor) await removeFactors(transaction, userId);
    const removedOrKept = removeSecondFactor ? 'removed' : 'kept';
    const secondFactor = lockedUser.factorCount > 0 ? removedOrKept : 'none';
    const details = { secondFactorRemoved: secondFactor === 'removed', sessionsEnded };
    const notices: SecurityNotice[] = ['password_changed'];
    if (secondFactor === 'removed') notices.push('second_factor_removed');
    for (const notice of notices) {
      await queueMessage(transaction, queue, { kind: 'security_notice', userId, notice });
    }
    const singleSignOn = await unlinkIfRequested(transaction, queue, userId, unlinkSso);
    recordAuditEvent(transaction, 'password.reset_at_console', {
      userId: null,
      targetUserId: userId,
      details,
    });
    return {
      ok: true,
      password,
      email: lockedUser.email,
      active: lockedUser.active,
      secondFactor,
      singleSignOn,
    };
  });
}
