import { eq } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { hasSecondFactor } from '#lib/identity/passwords/check.ts';
import { BusyError, verifyPassword } from '#lib/identity/passwords/hash.ts';
import { renewRecentAuth } from '#lib/identity/sessions/renew-recent-auth.ts';
import { rememberSignIn } from '#lib/identity/sign-in/rate-limits.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { findCode } from '#lib/platform/user-input/code.ts';
import { checkPasskey } from './check-passkey.ts';
import { type ConsumeFactor, checkTotp } from './check-totp.ts';
import { consumeReauthAttempt } from './factor-rate-limits.ts';
import { lockActor } from './lock-actor.ts';
import { lockUser } from './lock-user.ts';
import type { ReauthInput } from './schema.ts';

export type ReauthResult =
  | { ok: true }
  /** `second_factor_required`: the user has a second factor, so their password is not enough. */
  | { ok: false; reason: 'malformed' | 'wrong_factor' | 'second_factor_required' | 'busy' }
  | { ok: false; reason: 'rate_limited'; retryAfterSeconds: number };

const SECOND_FACTOR_REQUIRED: ReauthResult = { ok: false, reason: 'second_factor_required' };

/** Checks a password; null if it is wrong. The returned function checks that the user still has the same password. */
async function checkCurrentPassword(
  database: Database,
  userId: string,
  password: string,
): Promise<ConsumeFactor | null> {
  const [user] = await database
    .select({ passwordHash: users.passwordHash })
    .from(users)
    .where(eq(users.id, userId));
  const passwordHash = user?.passwordHash ?? null;
  if (!(await verifyPassword(passwordHash, password, 'trusted'))) return null;
  return async (transaction) => (await lockUser(transaction, userId))?.passwordHash === passwordHash;
}

/**
 * Checks the input. `isRecordable` is false only if the passkey's challenge is not valid: a client can make up challenge
 * ids, which must not fill the audit log.
 */
async function checkInput(
  database: Database,
  { userId }: CurrentUser,
  input: ReauthInput,
): Promise<{ isRecordable: boolean; consumeFactor: ConsumeFactor | null }> {
  switch (input.kind) {
    case 'password':
      return {
        isRecordable: true,
        consumeFactor: await checkCurrentPassword(database, userId, input.password),
      };
    case 'totp':
      return { isRecordable: true, consumeFactor: await checkTotp(database, userId, input.code) };
    case 'passkey': {
      const { wasChallengeConsumed, found } = await checkPasskey(
        database,
        { purpose: 'reauthenticate', userId },
        input,
      );
      return { isRecordable: wasChallengeConsumed, consumeFactor: found?.consumeFactor ?? null };
    }
  }
}

/** Consumes an attempt. Passkeys have no limit here: `consumePasskeyStart` limits their challenges. */
function consumeAttempt(database: Database, { sessionId }: CurrentUser, input: ReauthInput) {
  if (input.kind === 'passkey') return { ok: true, refund: async () => {} } as const;
  return consumeReauthAttempt(database.$client, sessionId);
}

/**
 * `renewed`: the factor is correct and renewed the recent authentication. `confirmed`: it is the correct password of a user
 * with a second factor, which renews nothing. `refused`: it is wrong, the session has ended, or the user is inactive.
 */
type FactorOutcome = 'renewed' | 'confirmed' | 'refused';

async function applyFactor(
  transaction: Transaction,
  user: CurrentUser,
  factor: { kind: ReauthInput['kind']; consumeFactor: ConsumeFactor },
): Promise<FactorOutcome> {
  const lockedUser = await lockActor(transaction, user);
  if (!lockedUser || !(await factor.consumeFactor(transaction))) return 'refused';
  if (factor.kind === 'password' && lockedUser.factorCount > 0) return 'confirmed';
  return (await renewRecentAuth(transaction, user.sessionId)) ? 'renewed' : 'refused';
}

/** Applies the factor, and records that it was refused or renewed the recent authentication. */
async function applyAndRecord(
  database: Database,
  user: CurrentUser,
  { kind, consumeFactor }: { kind: ReauthInput['kind']; consumeFactor: ConsumeFactor | null },
): Promise<FactorOutcome> {
  const { userId, ipAddress } = user;
  return withTransaction(database, async (transaction) => {
    const outcome = consumeFactor ? await applyFactor(transaction, user, { kind, consumeFactor }) : 'refused';
    const details = { method: kind };
    const event = { userId, ipAddress, details };
    if (outcome === 'renewed') recordAuditEvent(transaction, 'proof.given', { ...event, outcome: 'done' });
    if (outcome === 'refused') recordAuditEvent(transaction, 'proof.failed', { ...event, outcome });
    return outcome;
  });
}

/**
 * Re-authenticates a signed-in user by one of their second factors, or by their password if they have none (OWASP ASVS
 * 5.0, 7.5.1). Sensitive actions (listed in docs/explanation/security-model.md) require an authentication in the last 15
 * minutes: `CurrentUser.hasRecentAuth`.
 */
export async function reauthenticate(
  database: Database,
  user: CurrentUser,
  input: ReauthInput,
): Promise<ReauthResult> {
  // Refuses without comparing, so that the dialog does not reveal whether a password is correct.
  if (input.kind === 'password' && (await hasSecondFactor(database, user.userId)))
    return SECOND_FACTOR_REQUIRED;
  const result = await submitFactor(database, user, input);
  // The user has added a second factor since.
  if (result.ok && !result.isRenewed) return SECOND_FACTOR_REQUIRED;
  return result.ok ? { ok: true } : result;
}

/**
 * Checks the current password of a user who changes it. Renews the recent authentication, too, unless the user has a
 * second factor.
 */
export async function confirmCurrentPassword(
  database: Database,
  user: CurrentUser,
  password: string,
): Promise<ReauthResult> {
  const result = await submitFactor(database, user, { kind: 'password', password });
  return result.ok ? { ok: true } : result;
}

/** `isRenewed`: whether the factor also renewed the recent authentication. */
type SubmitResult = { ok: true; isRenewed: boolean } | Exclude<ReauthResult, { ok: true }>;

/**
 * Consumes an attempt before it compares anything, and refunds it if the factor was correct or if the server was too busy
 * to compare it.
 */
async function submitFactor(
  database: Database,
  user: CurrentUser,
  input: ReauthInput,
): Promise<SubmitResult> {
  const { kind } = input;
  if (input.kind === 'totp' && !findCode(input.code)) return { ok: false, reason: 'malformed' };
  const attempt = await consumeAttempt(database, user, input);
  if (!attempt.ok) return { ok: false, reason: 'rate_limited', retryAfterSeconds: attempt.retryAfterSeconds };
  try {
    const { isRecordable, consumeFactor } = await checkInput(database, user, input);
    if (!isRecordable) return { ok: false, reason: 'wrong_factor' };
    const outcome = await applyAndRecord(database, user, { kind, consumeFactor });
    if (outcome === 'refused') return { ok: false, reason: 'wrong_factor' };
    await attempt.refund();
    const isRenewed = outcome === 'renewed';
    if (isRenewed) await rememberSignIn(database.$client, user);
    return { ok: true, isRenewed };
  } catch (error) {
    if (!(error instanceof BusyError)) throw error;
    await attempt.refund();
    return { ok: false, reason: 'busy' };
  }
}
