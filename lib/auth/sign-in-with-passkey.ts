import type { Database } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAct } from '#lib/audit/record.ts';
import { checkPasskey } from '#lib/factors/check-passkey.ts';
import { holdPerson } from '#lib/factors/hold-person.ts';
import type { Signed } from '#lib/factors/schema.ts';
import { rememberSignIn } from './sign-in-throttle.ts';
import { type Arrival, startSession } from './start-session.ts';

/**
 * Signs someone in by a passkey alone, which says whose it is. It is two factors in one: the device, and what unlocks
 * it there (NIST SP 800-63B-4, 3.1.7). Nothing is guessed here, and each try needs a challenge of its own, so the
 * challenges are what is throttled.
 * @throws when the database fails: nobody is signed in then
 */
export async function signInWithPasskey(
  database: Database,
  { signed, ...arrival }: { signed: Signed } & Arrival,
): Promise<{ ok: true; sessionId: string } | { ok: false; reason: 'wrong_passkey' }> {
  const checked = await checkPasskey(database, { purpose: 'sign_in', userId: null }, signed);
  const { address } = arrival;
  const opened = await withTransaction(database, async (transaction) => {
    const held = checked && (await holdPerson(transaction, checked.userId));
    if (!held?.active || !checked || !(await checked.take(transaction))) {
      const userId = held?.id ?? null;
      const details = { method: 'passkey' };
      recordAct(transaction, 'sign_in.failed', { userId, address, outcome: 'refused', details });
      return null;
    }
    const sessionId = await startSession(transaction, held.id, 'passkey', arrival);
    return { sessionId, email: held.email };
  });
  if (!opened) return { ok: false, reason: 'wrong_passkey' };
  await rememberSignIn(database.$client, { email: opened.email, address });
  return { ok: true, sessionId: opened.sessionId };
}
