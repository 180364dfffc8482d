import { and, eq, exists, isNotNull, or, sql } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { passkeys } from '#db/schema/factors.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { type LockedUser, lockUser } from '#lib/identity/mfa/lock-user.ts';
import { countRecoveryCodes } from '#lib/identity/mfa/recovery-codes.ts';
import type { SecondFactor } from '#lib/identity/mfa/schema.ts';
import {
  BusyError,
  type HashLane,
  hashPassword,
  needsRehash,
  verifyPassword,
} from '#lib/identity/passwords/hash.ts';
import { allowsSingleFactor } from '#lib/identity/passwords/schema.ts';
import { type ClientInfo, startSession } from '#lib/identity/sessions/start-session.ts';
import { foldEmail } from '#lib/identity/users/fold-email.ts';
import { startPendingSignIn } from './pending-sign-in.ts';
import {
  type Attempt,
  consumeSecondStepAttempt,
  consumeSignInAttempt,
  rememberSignIn,
} from './rate-limits.ts';

export type SignInCredentials = { email: string; password: string } & ClientInfo;

export type SignInResult =
  | { ok: true; sessionId: string }
  /** The password was correct. `completeSecondStep` continues with the `pendingId`. */
  | { ok: false; reason: 'second_factor'; pendingId: string; factors: SecondFactor[] }
  | { ok: false; reason: 'wrong_credentials' }
  /** Too many requests are waiting for a password hash. */
  | { ok: false; reason: 'busy' }
  | { ok: false; reason: 'rate_limited'; retryAfterSeconds: number };

/** A user whose password was compared with this hash. */
type ComparedUser = { id: string; passwordHash: string };

async function startSecondStep(
  transaction: Transaction,
  lockedUser: LockedUser,
  { ipAddress }: ClientInfo,
): Promise<SignInResult> {
  const userId = lockedUser.id;
  const factors: SecondFactor[] = [];
  if (lockedUser.passkeyCount > 0) factors.push('passkey');
  if (lockedUser.totpConfirmedAt) factors.push('totp');
  if ((await countRecoveryCodes(transaction, userId)) > 0) factors.push('recovery');
  recordAuditEvent(transaction, 'sign_in.second_factor_asked', { userId, ipAddress });
  return {
    ok: false,
    reason: 'second_factor',
    pendingId: await startPendingSignIn(transaction, userId),
    factors,
  };
}

/**
 * Starts a session if the user is still active and has the same password as when it was compared. If they have a second
 * factor, which they may have added after the comparison, starts a second step instead.
 * @returns null if the user is inactive or has another password
 */
async function startSessionIfUnchanged(
  transaction: Transaction,
  comparedUser: ComparedUser,
  newHash: string | null,
  input: SignInCredentials,
): Promise<SignInResult | null> {
  const lockedUser = await lockUser(transaction, comparedUser.id);
  if (!lockedUser?.active || lockedUser.passwordHash !== comparedUser.passwordHash) return null;
  const passwordAllowsSingleFactor = allowsSingleFactor(input.password);
  if (newHash || lockedUser.passwordAllowsSingleFactor !== passwordAllowsSingleFactor) {
    await transaction
      .update(users)
      .set({ passwordHash: newHash ?? lockedUser.passwordHash, passwordAllowsSingleFactor })
      .where(eq(users.id, lockedUser.id));
  }
  if (lockedUser.factorCount > 0) return startSecondStep(transaction, lockedUser, input);
  return { ok: true, sessionId: await startSession(transaction, lockedUser.id, 'password', input) };
}

/** Finds the user with this email address, and returns whether a second step is required. */
async function findUser(database: Database, email: string) {
  const ownPasskeys = database
    .select({ id: passkeys.id })
    .from(passkeys)
    .where(eq(passkeys.userId, users.id));
  const hasFactor = or(isNotNull(users.totpConfirmedAt), exists(ownPasskeys));
  const [user] = await database
    .select({
      id: users.id,
      passwordHash: users.passwordHash,
      needsSecondStep: sql<boolean>`${and(users.active, hasFactor)}`,
    })
    .from(users)
    .where(eq(users.emailFolded, foldEmail(email)));
  return user;
}

/** Compares the password, starts a session or a second step, and records the outcome. */
async function compareAndStartSession(
  database: Database,
  input: SignInCredentials,
  lane: HashLane,
): Promise<SignInResult> {
  const user = await findUser(database, input.email);
  const { id: userId = null, passwordHash = null } = user ?? {};
  const isPasswordCorrect = await verifyPassword(passwordHash, input.password, lane);
  const found = isPasswordCorrect && userId && passwordHash ? { id: userId, passwordHash } : null;
  // Consumes the attempt before the transaction, because a rate limiter uses its own connection.
  const secondStepAttempt =
    found && user?.needsSecondStep ? await consumeSecondStepAttempt(database.$client, input) : null;
  if (secondStepAttempt && !secondStepAttempt.ok)
    return { ok: false, reason: 'rate_limited', retryAfterSeconds: secondStepAttempt.retryAfterSeconds };
  const newHash = found && needsRehash(found.passwordHash) ? await hashPassword(input.password) : null;
  return withTransaction(database, async (transaction) => {
    const result = found && (await startSessionIfUnchanged(transaction, found, newHash, input));
    if (result) return result;
    const failed = {
      userId: null,
      targetUserId: userId,
      ipAddress: input.ipAddress,
      outcome: 'refused',
    } as const;
    recordAuditEvent(transaction, 'sign_in.failed', failed);
    return { ok: false, reason: 'wrong_credentials' };
  });
}

async function finishAttempt(
  database: Database,
  input: SignInCredentials,
  attempt: Attempt,
  result: SignInResult,
): Promise<void> {
  if (result.ok || result.reason === 'busy' || result.reason === 'second_factor') await attempt.refund();
  if (result.ok) await rememberSignIn(database.$client, input);
}

/**
 * Signs a user in with email address and password, or starts a second step if they have a second factor. Consumes an
 * attempt before it compares the password, and refunds it if the password was not compared, or was correct and the user
 * can continue.
 * Returns the same result, after the same work, for an unknown email address, a wrong password and an inactive user.
 * @throws if the database fails; no session has started then
 */
export async function signIn(database: Database, input: SignInCredentials): Promise<SignInResult> {
  const attempt = await consumeSignInAttempt(database.$client, input);
  if (!attempt.ok) return { ok: false, reason: 'rate_limited', retryAfterSeconds: attempt.retryAfterSeconds };
  // Strangers' attempts must not make users wait at IP addresses from which they have signed in.
  const lane = attempt.isKnownIpAddress ? 'trusted' : 'untrusted';
  const result = await compareAndStartSession(database, input, lane).catch((error: unknown): SignInResult => {
    if (error instanceof BusyError) return { ok: false, reason: 'busy' };
    throw error;
  });
  await finishAttempt(database, input, attempt, result);
  return result;
}
