import type { Database } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAct } from '#lib/audit/record.ts';
import { renewProof } from '#lib/auth/renew-proof.ts';
import type { Person } from '#lib/auth/roles.ts';
import { holdAsking } from '#lib/factors/hold-asking.ts';
import { findByIdentity, touchIdentity } from './identities.ts';
import type { Holder } from './judge-claims.ts';
import { provenAt } from './proven-at.ts';

export type ProvenAtProvider =
  | { ok: true; sessionId: string }
  /** `other_person`: somebody else than who is signed in here. `not_fresh`: the provider did not ask them anew, or does not say. */
  | { ok: false; reason: 'other_person' | 'not_fresh' };

/**
 * Proves anew who somebody is who is signed in, by what their provider has just asked them: as `prove` of
 * `lib/factors` does by what they have here.
 */
export async function proveAtProvider(
  database: Database,
  person: Person,
  holder: Holder,
): Promise<ProvenAtProvider> {
  const { userId, sessionId, address } = person;
  return withTransaction(database, async (transaction) => {
    const held = await holdAsking(transaction, person);
    const isTheirs = (await findByIdentity(transaction, holder.issuerAndSubject)) === userId;
    const details = { method: 'oidc' };
    if (!held || !isTheirs || !(await renewProof(transaction, sessionId, provenAt(holder)))) {
      recordAct(transaction, 'proof.failed', { userId, address, outcome: 'refused', details });
      return { ok: false, reason: isTheirs ? 'not_fresh' : 'other_person' };
    }
    await touchIdentity(transaction, holder.issuerAndSubject);
    recordAct(transaction, 'proof.given', { userId, address, details });
    return { ok: true, sessionId };
  });
}
