import type { Database } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { checkPasskey } from '#lib/identity/mfa/check-passkey.ts';
import { lockUser } from '#lib/identity/mfa/lock-user.ts';
import type { Signed } from '#lib/identity/mfa/schema.ts';
import { type Arrival, startSession } from '#lib/identity/sessions/start-session.ts';
import { consumePasskeyAttempt, rememberSignIn } from './rate-limits.ts';

export type PasskeySignedIn =
  | { ok: true; sessionId: string }
  | { ok: false; reason: 'wrong_passkey' }
  | { ok: false; reason: 'throttled'; retryAfterSeconds: number };

/** Opens a session where the passkey is right, and puts the outcome on record. */
async function checkAndOpen(
  database: Database,
  { signed, ...arrival }: { signed: Signed } & Arrival,
): Promise<{ sessionId: string; email: string } | null> {
  const { spent, found } = await checkPasskey(database, { purpose: 'sign_in', userId: null }, signed);
  // Anybody can make up a challenge's id: that may not fill the audit log.
  if (!spent) return null;
  const { address } = arrival;
  return withTransaction(database, async (transaction) => {
    const held = found && (await lockUser(transaction, found.userId));
    if (!held?.active || !found || !(await found.take(transaction))) {
      const targetUserId = held?.id ?? null;
      const details = { method: 'passkey' };
      const failed = { userId: null, targetUserId, address, outcome: 'refused', details } as const;
      recordAuditEvent(transaction, 'sign_in.failed', failed);
      return null;
    }
    const sessionId = await startSession(transaction, held.id, 'passkey', arrival);
    return { sessionId, email: held.email };
  });
}

/**
 * Signs someone in by a passkey alone, which says whose it is. It is two factors in one: the device, and what unlocks
 * it there (NIST SP 800-63B-4, 3.1.7). Nothing is guessed here: each try needs a challenge of its own. How many come
 * from one address is throttled all the same; a try that succeeded is given back.
 * @throws when the database fails: nobody is signed in then
 */
export async function signInWithPasskey(
  database: Database,
  input: { signed: Signed } & Arrival,
): Promise<PasskeySignedIn> {
  const { address } = input;
  const attempt = await consumePasskeyAttempt(database.$client, address);
  if (!attempt.ok) return { ok: false, reason: 'throttled', retryAfterSeconds: attempt.retryAfterSeconds };
  const opened = await checkAndOpen(database, input);
  if (!opened) return { ok: false, reason: 'wrong_passkey' };
  await attempt.giveBack();
  await rememberSignIn(database.$client, { email: opened.email, address });
  return { ok: true, sessionId: opened.sessionId };
}
