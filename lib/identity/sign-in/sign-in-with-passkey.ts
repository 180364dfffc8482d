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
  | { ok: false; reason: 'throttled'; retryAfterSeconds: number };

/** Starts a session if the passkey is right, and records the outcome. */
async function checkAndStartSession(
  database: Database,
  { signed, ...client }: { signed: SignedAssertion } & ClientInfo,
): Promise<{ sessionId: string; email: string } | null> {
  const { wasChallengeConsumed, found } = await checkPasskey(
    database,
    { purpose: 'sign_in', userId: null },
    signed,
  );
  // Anyone can send an unknown challenge id, which must not fill the audit log.
  if (!wasChallengeConsumed) return null;
  const { address } = client;
  return withTransaction(database, async (transaction) => {
    const lockedUser = found && (await lockUser(transaction, found.userId));
    if (!lockedUser?.active || !found || !(await found.consumeFactor(transaction))) {
      const targetUserId = lockedUser?.id ?? null;
      const details = { method: 'passkey' };
      const failed = { userId: null, targetUserId, address, outcome: 'refused', details } as const;
      recordAuditEvent(transaction, 'sign_in.failed', failed);
      return null;
    }
    const sessionId = await startSession(transaction, lockedUser.id, 'passkey', client);
    return { sessionId, email: lockedUser.email };
  });
}

/**
 * Signs a user in with a passkey alone, which identifies its owner. It counts as two factors: the device, and what unlocks
 * it (NIST SP 800-63B-4, 3.1.7). Consumes an attempt per IP address, and refunds it after success.
 * @throws if the database fails; no session has started then
 */
export async function signInWithPasskey(
  database: Database,
  input: { signed: SignedAssertion } & ClientInfo,
): Promise<PasskeySignInResult> {
  const { address } = input;
  const attempt = await consumePasskeyAttempt(database.$client, address);
  if (!attempt.ok) return { ok: false, reason: 'throttled', retryAfterSeconds: attempt.retryAfterSeconds };
  const signedIn = await checkAndStartSession(database, input);
  if (!signedIn) return { ok: false, reason: 'wrong_passkey' };
  await attempt.refund();
  await rememberSignIn(database.$client, { email: signedIn.email, address });
  return { ok: true, sessionId: signedIn.sessionId };
}
