import type { Database, Transaction } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { lockActor } from '#lib/identity/mfa/lock-actor.ts';
import { renewRecentAuth } from '#lib/identity/sessions/renew-recent-auth.ts';
import { lockUsers } from '#lib/identity/users/last-administrator.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { applyRole } from './apply-role.ts';
import { authenticatedAt } from './authenticated-at.ts';
import { findByIdentity, touchIdentity } from './identities.ts';
import { recordReauthRefusal } from './record-refusal.ts';
import type { OidcProfile } from './validate-claims.ts';

type Reason =
  /** Somebody else than who is signed in here. */
  | 'other_person'
  /** The session ended meanwhile, or its person may not sign in any more. */
  | 'over'
  /** The claim gives another role, which is theirs by now: all their sessions have ended, this one too. */
  | 'role_changed'
  /** The provider did not ask them anew, or does not say. */
  | 'not_fresh';

export type SsoReauthResult = { ok: true; sessionId: string } | { ok: false; reason: Reason };

/** What is to be said against it; null where it was taken. */
async function take(
  transaction: Transaction,
  person: CurrentUser,
  holder: OidcProfile & { address: string },
): Promise<Reason | null> {
  const { userId, sessionId } = person;
  // Before any row is held, as `applyRole` wants it.
  if (holder.role !== undefined) await lockUsers(transaction);
  const held = await lockActor(transaction, person);
  if ((await findByIdentity(transaction, holder.issuerAndSubject)) !== userId) return 'other_person';
  if (!held) return 'over';
  const { role, address } = holder;
  if (role !== undefined && (await applyRole(transaction, userId, { role, address }))) return 'role_changed';
  return (await renewRecentAuth(transaction, sessionId, authenticatedAt(holder))) ? null : 'not_fresh';
}

/**
 * Proves anew who somebody is who is signed in, by what their provider has just asked them: as `prove` of
 * `lib/identity/mfa` does by what they have here. A claim that gives a role is applied, as at each sign-in: where that makes
 * it another one, there is no proof, and they have to sign in again.
 */
export async function reauthenticateWithSso(
  database: Database,
  person: CurrentUser,
  holder: OidcProfile,
): Promise<SsoReauthResult> {
  const { userId, sessionId, address } = person;
  const { issuerAndSubject } = holder;
  const reason = await withTransaction(database, async (transaction) => {
    const refused = await take(transaction, person, { ...holder, address });
    if (refused) return refused;
    await touchIdentity(transaction, issuerAndSubject);
    recordAuditEvent(transaction, 'proof.given', { userId, address, details: { method: 'oidc' } });
    return null;
  });
  if (!reason) return { ok: true, sessionId };
  await recordReauthRefusal(database, { reason, issuerAndSubject, userId, address });
  return { ok: false, reason };
}
