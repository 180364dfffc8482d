import type { Database, Transaction } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { checkPasskey } from '#lib/identity/mfa/check-passkey.ts';
import type { ConsumeFactor } from '#lib/identity/mfa/check-totp.ts';
import { checkTotp } from '#lib/identity/mfa/check-totp.ts';
import { consumeCodeAttempt } from '#lib/identity/mfa/factor-rate-limits.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { consumeRecoveryCode } from '#lib/identity/mfa/recovery-codes.ts';
import type { SecondStep } from '#lib/identity/mfa/schema.ts';
import { type ClientInfo, type SignInMethod, startSession } from '#lib/identity/sessions/start-session.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import { findCode, parseRecoveryCode } from '#lib/platform/user-input/code.ts';
import { completePendingSignIn, consumePendingAttempt, readPendingSignIn } from './pending-sign-in.ts';
import { refundSecondStepAttempt, rememberSignIn } from './rate-limits.ts';

export type SecondStepResult =
  | { ok: true; sessionId: string }
  | { ok: false; reason: 'malformed' }
  | { ok: false; reason: 'wrong_factor'; attemptsLeft: number }
  /** The pending sign-in was used, has expired or has no attempts left: the user has to enter the password again. */
  | { ok: false; reason: 'expired' }
  | { ok: false; reason: 'rate_limited'; retryAfterSeconds: number };

const METHODS: Record<SecondStep['kind'], SignInMethod> = {
  totp: 'password_totp',
  passkey: 'password_passkey',
  recovery: 'password_recovery',
};

type SecondStepInput = { pendingId: string; step: SecondStep } & ClientInfo;

/** Thrown if the sign-in was completed or invalidated concurrently. Rolls the transaction back, so that the factor remains unused. */
class SignInChangedError extends Error {
  override name = 'SignInChangedError';
}

/** Returns whether the code is malformed. Such a code consumes no attempt. */
function isMalformed(step: SecondStep): boolean {
  if (step.kind === 'passkey') return false;
  return (step.kind === 'totp' ? findCode(step.code) : parseRecoveryCode(step.code)) === null;
}

async function checkFactor(
  database: Database,
  userId: string,
  { step, ipAddress }: SecondStepInput,
): Promise<ConsumeFactor | null> {
  switch (step.kind) {
    case 'totp':
      return checkTotp(database, userId, step.code);
    case 'passkey':
      return (
        (await checkPasskey(database, { purpose: 'sign_in', userId }, step)).found?.consumeFactor ?? null
      );
    case 'recovery': {
      const queue = await getQueue(database.$client);
      return (transaction) => consumeRecoveryCode(transaction, queue, { userId, code: step.code, ipAddress });
    }
  }
}

/**
 * Starts the session if nothing has changed since the password was compared: the user may sign in, has the same password,
 * and neither this sign-in nor the factor was used concurrently.
 * @returns null if the user is inactive, or if the factor was used or is a wrong recovery code
 * @throws SignInChangedError if the sign-in was used or has expired, or the password has changed
 */
async function startSessionIfUnchanged(
  transaction: Transaction,
  userId: string,
  consumeFactor: ConsumeFactor,
  input: SecondStepInput,
): Promise<{ sessionId: string; email: string } | null> {
  const lockedUser = await lockUser(transaction, userId);
  if (!lockedUser?.active) return null;
  // The pending sign-in stays valid, so that the user can enter another code.
  if (!(await consumeFactor(transaction))) return null;
  const pending = await completePendingSignIn(transaction, input.pendingId);
  if (!pending) throw new SignInChangedError();
  if (lockedUser.passwordChangedAt && lockedUser.passwordChangedAt > pending.createdAt)
    throw new SignInChangedError();
  const sessionId = await startSession(transaction, userId, METHODS[input.step.kind], input);
  return { sessionId, email: lockedUser.email };
}

async function recordFailure(
  database: Database,
  userId: string,
  { step, ipAddress }: SecondStepInput,
): Promise<void> {
  await withTransaction(database, async (transaction) => {
    const details = { method: METHODS[step.kind] };
    const failed = { userId: null, targetUserId: userId, ipAddress, outcome: 'refused', details } as const;
    recordAuditEvent(transaction, 'sign_in.failed', failed);
  });
}

async function checkAndStartSession(
  database: Database,
  { userId, attemptsLeft }: { userId: string; attemptsLeft: number },
  input: SecondStepInput,
): Promise<SecondStepResult> {
  const consumeFactor = await checkFactor(database, userId, input);
  try {
    const signedIn =
      consumeFactor &&
      (await withTransaction(database, (transaction) =>
        startSessionIfUnchanged(transaction, userId, consumeFactor, input),
      ));
    if (signedIn) {
      const source = { email: signedIn.email, ipAddress: input.ipAddress };
      await refundSecondStepAttempt(database.$client, source);
      await rememberSignIn(database.$client, source);
      return { ok: true, sessionId: signedIn.sessionId };
    }
  } catch (error) {
    if (error instanceof SignInChangedError) return { ok: false, reason: 'expired' };
    throw error;
  }
  await recordFailure(database, userId, input);
  return attemptsLeft > 0
    ? { ok: false, reason: 'wrong_factor', attemptsLeft }
    : { ok: false, reason: 'expired' };
}

/**
 * Completes a sign-in with a second factor, after the correct password. Consumes an attempt before it compares anything.
 * @throws if the database fails; no session has started then
 */
export async function completeSecondStep(
  database: Database,
  input: SecondStepInput,
): Promise<SecondStepResult> {
  const { pendingId, step } = input;
  if (isMalformed(step)) return { ok: false, reason: 'malformed' };
  const pending = await readPendingSignIn(database, pendingId);
  if (!pending) return { ok: false, reason: 'expired' };
  const codeAttempt =
    step.kind === 'totp' ? await consumeCodeAttempt(database.$client, pending.userId) : null;
  if (codeAttempt && !codeAttempt.ok) {
    return { ok: false, reason: 'rate_limited', retryAfterSeconds: codeAttempt.retryAfterSeconds };
  }
  const attempt = await consumePendingAttempt(database, pendingId);
  const result: SecondStepResult = attempt
    ? await checkAndStartSession(database, attempt, input)
    : { ok: false, reason: 'expired' };
  if (codeAttempt && (result.ok || !attempt)) await codeAttempt.refund();
  return result;
}
