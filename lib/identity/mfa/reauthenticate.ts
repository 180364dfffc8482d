import { eq } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { BusyError, verifyPassword } from '#lib/identity/passwords/hash.ts';
import { renewRecentAuth } from '#lib/identity/sessions/renew-recent-auth.ts';
import { consumeSignInAttempt } from '#lib/identity/sign-in/rate-limits.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { findCode } from '#lib/platform/user-input/code.ts';
import { checkPasskey } from './check-passkey.ts';
import { type ConsumeFactor, checkTotp } from './check-totp.ts';
import { consumeCodeAttempt } from './code-rate-limit.ts';
import { lockActor } from './lock-actor.ts';
import { lockUser } from './lock-user.ts';
import type { ReauthInput } from './schema.ts';

export type ReauthResult =
  | { ok: true }
  | { ok: false; reason: 'malformed' | 'wrong_factor' | 'busy' }
  | { ok: false; reason: 'rate_limited'; retryAfterSeconds: number };

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

/**
 * Consumes an attempt: a password counts towards the sign-in limit, a code towards the limit of codes. Passkeys have no
 * limit here: `consumePasskeyStart` limits their challenges.
 */
function consumeAttempt(database: Database, { userId, email, ipAddress }: CurrentUser, input: ReauthInput) {
  const unlimited = { ok: true, refund: async () => {} } as const;
  if (input.kind === 'passkey') return unlimited;
  if (input.kind === 'totp') return consumeCodeAttempt(database.$client, userId);
  return consumeSignInAttempt(database.$client, { email, ipAddress });
}

/** Uses the factor and renews the recent authentication, if the session is active and the user may sign in. */
async function applyFactor(
  transaction: Transaction,
  user: CurrentUser,
  consumeFactor: ConsumeFactor,
): Promise<boolean> {
  if (!(await lockActor(transaction, user)) || !(await consumeFactor(transaction))) return false;
  return renewRecentAuth(transaction, user.sessionId);
}

/**
 * Re-authenticates a signed-in user by any one of their local factors. Sensitive actions (listed in
 * docs/explanation/security-model.md) require an authentication in the last 15 minutes: `CurrentUser.hasRecentAuth`.
 * Consumes an attempt before it compares anything, and refunds it if the factor was correct or if the server was too busy
 * to compare it.
 */
export async function reauthenticate(
  database: Database,
  user: CurrentUser,
  input: ReauthInput,
): Promise<ReauthResult> {
  if (input.kind === 'totp' && !findCode(input.code)) return { ok: false, reason: 'malformed' };
  const attempt = await consumeAttempt(database, user, input);
  if (!attempt.ok) return { ok: false, reason: 'rate_limited', retryAfterSeconds: attempt.retryAfterSeconds };
  try {
    const { isRecordable, consumeFactor } = await checkInput(database, user, input);
    if (!isRecordable) return { ok: false, reason: 'wrong_factor' };
    const { userId, ipAddress } = user;
    const isReauthenticated = await withTransaction(database, async (transaction) => {
      const isRenewed = consumeFactor !== null && (await applyFactor(transaction, user, consumeFactor));
      const details = { method: input.kind };
      const outcome = isRenewed ? 'done' : 'refused';
      recordAuditEvent(transaction, isRenewed ? 'proof.given' : 'proof.failed', {
        userId,
        ipAddress,
        outcome,
        details,
      });
      return isRenewed;
    });
    if (isReauthenticated) await attempt.refund();
    return isReauthenticated ? { ok: true } : { ok: false, reason: 'wrong_factor' };
  } catch (error) {
    if (!(error instanceof BusyError)) throw error;
    await attempt.refund();
    return { ok: false, reason: 'busy' };
  }
}
