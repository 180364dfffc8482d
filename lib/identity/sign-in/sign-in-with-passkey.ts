import type { Database } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { checkPasskey } from '#lib/identity/mfa/check-passkey.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import type { SignedAssertion } from '#lib/identity/mfa/schema.ts';
import { type ClientInfo, startSession } from '#lib/identity/sessions/start-session.ts';
import { consumePasskeyAttempt, rememberSignIn } from './rate-limits.ts';

export type PasskeySignInResult =
  | { ok: true; sessionId: string }
  | { ok: false; reason: 'wrong_passkey' }
  | { ok: false; reason: 'rate_limited'; retryAfterSeconds: number };

/** Starts a session if the passkey is valid, and records the outcome; null if it is not. */
async function checkAndStartSession(
  database: Database,
  { signed, ...client }: { signed: SignedAssertion } & ClientInfo,
): Promise<{ sessionId: string; email: string } | null> {
  const { wasChallengeConsumed, found } = await checkPasskey(
    database,
    { purpose: 'sign_in', userId: null },
    signed,
  );
  // Anyone can make up challenge ids, which must not fill the audit log.
  if (!wasChallengeConsumed) return null;
  const { ipAddress } = client;
  return withTransaction(database, async (transaction) => {
    const lockedUser = found && (await lockUser(transaction, found.userId));
    if (!lockedUser?.active || !found || !(await found.consumeFactor(transaction))) {
      const targetUserId = lockedUser?.id ?? null;
      const details = { method: 'passkey' };
      const failed = { userId: null, targetUserId, ipAddress, outcome: 'refused', details } as const;
      recordAuditEvent(transaction, 'sign_in.failed', failed);
      return null;
    }
    const sessionId = await startSession(transaction, lockedUser.id, 'passkey', client);
    return { sessionId, email: lockedUser.email };
  });
}

/**
 * Signs a user in with a passkey alone, which identifies its owner. It counts as two factors: the authenticator, and the
 * PIN or biometric that unlocks it (NIST SP 800-63B-4, 3.1.7). Consumes an attempt per IP address, and refunds it after
 * success.
 * @throws if the database fails; no session has started then
 */
export async function signInWithPasskey(
  database: Database,
  input: { signed: SignedAssertion } & ClientInfo,
): Promise<PasskeySignInResult> {
  const { ipAddress } = input;
  const attempt = await consumePasskeyAttempt(database.$client, ipAddress);
  if (!attempt.ok) return { ok: false, reason: 'rate_limited', retryAfterSeconds: attempt.retryAfterSeconds };
  const signedIn = await checkAndStartSession(database, input);
  if (!signedIn) return { ok: false, reason: 'wrong_passkey' };
  await attempt.refund();
  await rememberSignIn(database.$client, { email: signedIn.email, ipAddress });
  return { ok: true, sessionId: signedIn.sessionId };
}
