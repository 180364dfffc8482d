import type { Database, Transaction } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAct } from '#lib/audit/record.ts';
import { holdAsking } from '#lib/identity/mfa/lock-actor.ts';
import { renewProof } from '#lib/identity/sessions/renew-recent-auth.ts';
import { holdUsers } from '#lib/identity/users/last-administrator.ts';
import type { Person } from '#lib/platform/authorization/roles.ts';
import { applyRole } from './apply-role.ts';
import { provenAt } from './authenticated-at.ts';
import { findByIdentity, touchIdentity } from './identities.ts';
import { recordProofRefusal } from './record-refusal.ts';
import type { Holder } from './validate-claims.ts';

type Reason =
  /** Somebody else than who is signed in here. */
  | 'other_person'
  /** The session ended meanwhile, or its person may not sign in any more. */
  | 'over'
  /** The claim gives another role, which is theirs by now: all their sessions have ended, this one too. */
  | 'role_changed'
  /** The provider did not ask them anew, or does not say. */
  | 'not_fresh';

export type ProvenAtProvider = { ok: true; sessionId: string } | { ok: false; reason: Reason };

/** What is to be said against it; null where it was taken. */
async function take(
  transaction: Transaction,
  person: Person,
  holder: Holder & { address: string },
): Promise<Reason | null> {
  const { userId, sessionId } = person;
  // Before any row is held, as `applyRole` wants it.
  if (holder.role !== undefined) await holdUsers(transaction);
  const held = await holdAsking(transaction, person);
  if ((await findByIdentity(transaction, holder.issuerAndSubject)) !== userId) return 'other_person';
  if (!held) return 'over';
  const { role, address } = holder;
  if (role !== undefined && (await applyRole(transaction, userId, { role, address }))) return 'role_changed';
  return (await renewProof(transaction, sessionId, provenAt(holder))) ? null : 'not_fresh';
}

/**
 * Proves anew who somebody is who is signed in, by what their provider has just asked them: as `prove` of
 * `lib/identity/mfa` does by what they have here. A claim that gives a role is applied, as at each sign-in: where that makes
 * it another one, there is no proof, and they have to sign in again.
 */
export async function proveAtProvider(
  database: Database,
  person: Person,
  holder: Holder,
): Promise<ProvenAtProvider> {
  const { userId, sessionId, address } = person;
  const { issuerAndSubject } = holder;
  const reason = await withTransaction(database, async (transaction) => {
    const refused = await take(transaction, person, { ...holder, address });
    if (refused) return refused;
    await touchIdentity(transaction, issuerAndSubject);
    recordAct(transaction, 'proof.given', { userId, address, details: { method: 'oidc' } });
    return null;
  });
  if (!reason) return { ok: true, sessionId };
  await recordProofRefusal(database, { reason, issuerAndSubject, userId, address });
  return { ok: false, reason };
}
