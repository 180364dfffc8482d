import type { Database, Transaction } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { checkPasskey } from '#lib/identity/mfa/check-passkey.ts';
import { checkTotp } from '#lib/identity/mfa/check-totp.ts';
import { consumeCodeAttempt } from '#lib/identity/mfa/code-rate-limit.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import { consumeRecoveryCode } from '#lib/identity/mfa/recovery-codes.ts';
import { readRecoveryCode, readTotpCode, type SecondStep } from '#lib/identity/mfa/schema.ts';
import type { Take } from '#lib/identity/mfa/take.ts';
import { type Arrival, type Method, startSession } from '#lib/identity/sessions/start-session.ts';
import { queueFor } from '#lib/notifications/queue/enqueue.ts';
import { closePending, consumePendingAttempt, readPending } from './pending-sign-in.ts';
import { refundSecondStepAttempt, rememberSignIn } from './rate-limits.ts';

export type SecondStepResult =
  | { ok: true; sessionId: string }
  | { ok: false; reason: 'malformed' }
  | { ok: false; reason: 'wrong_factor'; triesLeft: number }
  /** Used, late, or out of tries: the password has to be entered again. */
  | { ok: false; reason: 'over' }
  | { ok: false; reason: 'throttled'; retryAfterSeconds: number };

const METHODS: Record<SecondStep['kind'], Method> = {
  totp: 'password_totp',
  passkey: 'password_passkey',
  recovery: 'password_recovery',
};

type Input = { pendingId: string; step: SecondStep } & Arrival;

/** The sign-in was used up or made worthless meanwhile: the factor is not to be used up for nothing. */
class OvertakenError extends Error {
  override name = 'OvertakenError';
}

/** What is no code at all costs no try. */
function isMalformed(step: SecondStep): boolean {
  if (step.kind === 'passkey') return false;
  return (step.kind === 'totp' ? readTotpCode(step.code) : readRecoveryCode(step.code)) === null;
}

async function check(database: Database, userId: string, { step, address }: Input): Promise<Take | null> {
  switch (step.kind) {
    case 'totp':
      return checkTotp(database, userId, step.code);
    case 'passkey':
      return (await checkPasskey(database, { purpose: 'sign_in', userId }, step)).found?.take ?? null;
    case 'recovery': {
      const sender = await queueFor(database.$client);
      return (transaction) => consumeRecoveryCode(transaction, sender, { userId, code: step.code, address });
    }
  }
}

/**
 * Opens the session where nothing has changed since the password was right: the person may sign in, has that password
 * still, and neither this sign-in nor the factor was used by somebody faster.
 */
async function open(
  transaction: Transaction,
  userId: string,
  take: Take,
  input: Input,
): Promise<{ sessionId: string; email: string } | null> {
  const held = await lockUser(transaction, userId);
  if (!held?.active) return null;
  // Whoever finds the factor used already has spent a try, no more: another code may follow.
  if (!(await take(transaction))) return null;
  const pending = await closePending(transaction, input.pendingId);
  if (!pending) throw new OvertakenError();
  if (held.passwordChangedAt && held.passwordChangedAt > pending.createdAt) throw new OvertakenError();
  const sessionId = await startSession(transaction, userId, METHODS[input.step.kind], input);
  return { sessionId, email: held.email };
}

async function recordFailure(database: Database, userId: string, { step, address }: Input): Promise<void> {
  await withTransaction(database, async (transaction) => {
    const details = { method: METHODS[step.kind] };
    const failed = { userId: null, targetUserId: userId, address, outcome: 'refused', details } as const;
    recordAuditEvent(transaction, 'sign_in.failed', failed);
  });
}

async function compareAndOpen(
  database: Database,
  { userId, triesLeft }: { userId: string; triesLeft: number },
  input: Input,
): Promise<SecondStepResult> {
  const take = await check(database, userId, input);
  try {
    const opened = take && (await withTransaction(database, (tx) => open(tx, userId, take, input)));
    if (opened) {
      const who = { email: opened.email, address: input.address };
      await refundSecondStepAttempt(database.$client, who);
      await rememberSignIn(database.$client, who);
      return { ok: true, sessionId: opened.sessionId };
    }
  } catch (error) {
    if (error instanceof OvertakenError) return { ok: false, reason: 'over' };
    throw error;
  }
  await recordFailure(database, userId, input);
  return triesLeft > 0 ? { ok: false, reason: 'wrong_factor', triesLeft } : { ok: false, reason: 'over' };
}

/**
 * The second step of signing in: the factor that goes with a password that was right. A try is spent before anything
 * is compared; there is no session before this has succeeded.
 * @throws when the database fails: nobody is signed in then
 */
export async function completeSecondStep(database: Database, input: Input): Promise<SecondStepResult> {
  const { pendingId, step } = input;
  if (isMalformed(step)) return { ok: false, reason: 'malformed' };
  const pending = await readPending(database, pendingId);
  if (!pending) return { ok: false, reason: 'over' };
  const codeTry = step.kind === 'totp' ? await consumeCodeAttempt(database.$client, pending.userId) : null;
  if (codeTry && !codeTry.ok) {
    return { ok: false, reason: 'throttled', retryAfterSeconds: codeTry.retryAfterSeconds };
  }
  const spent = await consumePendingAttempt(database, pendingId);
  const result: SecondStepResult = spent
    ? await compareAndOpen(database, spent, input)
    : { ok: false, reason: 'over' };
  if (codeTry && (result.ok || !spent)) await codeTry.giveBack();
  return result;
}
