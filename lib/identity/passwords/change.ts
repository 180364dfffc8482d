import { eq } from 'drizzle-orm';
import type { Database } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { lockActor } from '#lib/identity/mfa/lock-actor.ts';
import { confirmCurrentPassword } from '#lib/identity/mfa/reauthenticate.ts';
import { getQueue, queueMessage } from '#lib/notifications/queue/queue-message.ts';
import {
  type CurrentUser,
  REAUTHENTICATION_REQUIRED,
  type ReauthenticationRequired,
  type Refusal,
  SIGNED_OUT,
} from '#lib/platform/authorization/roles.ts';
import { createRateLimiter } from '#lib/platform/rate-limiter/rate-limiter.ts';
import { checkUserPassword, hasSecondFactor } from './check.ts';
import type { PasswordRejection } from './schema.ts';
import { setPassword, tryHashPassword } from './set.ts';

/** Limits changes per user, because each computes a hash and sends the user an email. */
const CHANGES_PER_USER = { name: 'password-change', points: 10, seconds: 60 * 60 };

export type ChangePasswordResult =
  | { ok: true }
  | PasswordRejection
  /** The new password equals the one that was entered as the current one, whether or not that one is right. */
  | { ok: false; reason: 'same_password' }
  /** The current password is wrong, or there is none. */
  | { ok: false; reason: 'wrong_password' }
  /** Too many requests are waiting for a password hash. */
  | { ok: false; reason: 'busy' }
  | { ok: false; reason: 'rate_limited'; retryAfterSeconds: number }
  /** The user has a second factor, so their current password is not enough. */
  | ReauthenticationRequired
  | Refusal;

const CURRENT_PASSWORD_WRONG = { ok: false, reason: 'wrong_password' } as const;

/** Rejects a wrong current password. If the session has ended, does not reveal that the password was wrong. */
async function rejectCurrentPassword(database: Database, user: CurrentUser): Promise<ChangePasswordResult> {
  const lockedUser = await withTransaction(database, (transaction) => lockActor(transaction, user));
  return lockedUser ? CURRENT_PASSWORD_WRONG : SIGNED_OUT;
}

async function readPasswordHash(database: Database, userId: string): Promise<string | null> {
  const [user] = await database.select({ hash: users.passwordHash }).from(users).where(eq(users.id, userId));
  return user?.hash ?? null;
}

/**
 * Changes the password of a user who enters the current one (OWASP ASVS 5.0, 6.2.3), at most ten times an hour. A user
 * with a second factor must also have authenticated recently, for which the password is not enough (7.5.1). Ends their
 * other sessions and pending sign-ins. Hashes the password before the transaction, and checks it again in the
 * transaction, because the user's factors may have changed.
 */
export async function changePassword(
  database: Database,
  user: CurrentUser,
  { current, password }: { current: string; password: string },
): Promise<ChangePasswordResult> {
  const { userId, sessionId, ipAddress } = user;
  const hasFactor = await hasSecondFactor(database, userId);
  const checked = checkUserPassword({ ...user, hasFactor }, password);
  if (!checked.ok) return checked;
  if (password === current) return { ok: false, reason: 'same_password' };
  if (hasFactor && !user.hasRecentAuth) return REAUTHENTICATION_REQUIRED;
  const previousHash = await readPasswordHash(database, userId);
  const confirmed = await confirmCurrentPassword(database, user, current);
  if (!confirmed.ok && confirmed.reason === 'rate_limited') return confirmed;
  if (!confirmed.ok && confirmed.reason === 'busy') return { ok: false, reason: 'busy' };
  if (!confirmed.ok) return rejectCurrentPassword(database, user);
  const limiter = createRateLimiter(database.$client, CHANGES_PER_USER);
  const allowed = await limiter.consume(userId);
  if (!allowed.ok) return { ...allowed, reason: 'rate_limited' };
  const hash = await tryHashPassword(password);
  if (!hash) await limiter.refund(userId);
  if (!hash) return { ok: false, reason: 'busy' };
  const queue = await getQueue(database.$client);
  return withTransaction(database, async (transaction): Promise<ChangePasswordResult> => {
    const lockedUser = await lockActor(transaction, user);
    if (!lockedUser) return SIGNED_OUT;
    // The password has changed concurrently, so this is no longer the current one.
    if (lockedUser.passwordHash !== previousHash) return CURRENT_PASSWORD_WRONG;
    if (lockedUser.factorCount > 0 && !user.hasRecentAuth) return REAUTHENTICATION_REQUIRED;
    const checkedAgain = checkUserPassword(
      { ...user, email: lockedUser.email, hasFactor: lockedUser.factorCount > 0 },
      password,
    );
    if (!checkedAgain.ok) return checkedAgain;
    const sessionsEnded = await setPassword(transaction, userId, { password, hash, keepSession: sessionId });
    recordAuditEvent(transaction, 'password.changed', { userId, ipAddress, details: { sessionsEnded } });
    await queueMessage(transaction, queue, {
      kind: 'security_notice',
      userId,
      notice: 'password_changed',
    });
    return { ok: true };
  });
}
