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
  /** The identity belongs to another user, or to none. */
  | 'other_person'
  /** The session has ended meanwhile, or the user may no longer sign in. */
  | 'over'
  /** A claim changed the role, which ended all sessions of the user. */
  | 'role_changed'
  /** The provider did not re-authenticate the user, or does not say. */
  | 'not_fresh';

export type SsoReauthResult = { ok: true; sessionId: string } | { ok: false; reason: Reason };

/** Returns why the re-authentication is refused; null if it is accepted. */
async function verifyAndApply(
  transaction: Transaction,
  user: CurrentUser,
  profile: OidcProfile & { address: string },
): Promise<Reason | null> {
  const { userId, sessionId } = user;
  // Before any row lock, as `applyRole` requires.
  if (profile.role !== undefined) await lockUsers(transaction);
  const lockedUser = await lockActor(transaction, user);
  if ((await findByIdentity(transaction, profile.issuerAndSubject)) !== userId) return 'other_person';
  if (!lockedUser) return 'over';
  const { role, address } = profile;
  if (role !== undefined && (await applyRole(transaction, userId, { role, address }))) return 'role_changed';
  return (await renewRecentAuth(transaction, sessionId, authenticatedAt(profile))) ? null : 'not_fresh';
}

/**
 * Re-authenticates a signed-in user at their provider, as `reauthenticate` of `lib/identity/mfa` does by local factors.
 * Applies the role of a claim, as each sign-in does. If it changes the role, the user has to sign in again.
 */
export async function reauthenticateWithSso(
  database: Database,
  user: CurrentUser,
  profile: OidcProfile,
): Promise<SsoReauthResult> {
  const { userId, sessionId, address } = user;
  const { issuerAndSubject } = profile;
  const reason = await withTransaction(database, async (transaction) => {
    const refused = await verifyAndApply(transaction, user, { ...profile, address });
    if (refused) return refused;
    await touchIdentity(transaction, issuerAndSubject);
    recordAuditEvent(transaction, 'proof.given', { userId, address, details: { method: 'oidc' } });
    return null;
  });
  if (!reason) return { ok: true, sessionId };
  await recordReauthRefusal(database, { reason, issuerAndSubject, userId, address });
  return { ok: false, reason };
}
