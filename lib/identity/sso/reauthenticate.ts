import type { Database, Transaction } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { recordAuditEvent } from '#lib/audit/record.ts';
import { lockActor } from '#lib/identity/mfa/lock-actor.ts';
import { renewRecentAuth } from '#lib/identity/sessions/renew-recent-auth.ts';
import { rememberSignIn } from '#lib/identity/sign-in/rate-limits.ts';
import { lockUsers } from '#lib/identity/users/last-administrator.ts';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { applyRole } from './apply-role.ts';
import { requiresLocalFactor, toAuthenticationTime } from './authentication-time.ts';
import { findUserIdByIdentity, updateIdentityLastUsed } from './identities.ts';
import { recordReauthRefusal } from './record-refusal.ts';
import type { OidcProfile } from './validate-claims.ts';

type ReauthRefusal =
  /** The account at the provider is linked to another user, or is not linked. */
  | 'wrong_account'
  /** The session has ended, or the user may no longer sign in. */
  | 'expired'
  /** A claim changed the role, which ended all sessions of the user. */
  | 'role_changed'
  /** The user last authenticated too long ago. */
  | 'stale_authentication'
  /** The provider does not report when the user last authenticated. */
  | 'missing_auth_time'
  /** The provider cannot authenticate the user again, and the user has a second factor in Stagedoor. */
  | 'second_factor_required';

export type SsoReauthResult = { ok: true; sessionId: string } | { ok: false; reason: ReauthRefusal };

/**
 * Applies the role and renews the recent authentication. Returns why the re-authentication is refused; null if it is
 * accepted.
 */
async function applyReauthentication(
  transaction: Transaction,
  user: CurrentUser,
  profile: OidcProfile & { ipAddress: string },
): Promise<ReauthRefusal | null> {
  const { userId, sessionId } = user;
  // `applyRole` requires this lock, which comes before any row lock.
  if (profile.role !== undefined) await lockUsers(transaction);
  const lockedUser = await lockActor(transaction, user);
  if ((await findUserIdByIdentity(transaction, profile.issuerAndSubject)) !== userId) return 'wrong_account';
  if (!lockedUser) return 'expired';
  const { role, ipAddress } = profile;
  if (role !== undefined && (await applyRole(transaction, userId, { role, ipAddress })))
    return 'role_changed';
  if (requiresLocalFactor(profile, lockedUser)) return 'second_factor_required';
  if (profile.authenticatedAt === null) return 'missing_auth_time';
  return (await renewRecentAuth(transaction, sessionId, toAuthenticationTime(profile, lockedUser)))
    ? null
    : 'stale_authentication';
}

/**
 * Re-authenticates a signed-in user who returns from the provider; `reauthenticate` does so by local factors. Sets the
 * role from a claim, as each sign-in does. If the role changes, the user has to sign in again.
 */
export async function reauthenticateWithSso(
  database: Database,
  user: CurrentUser,
  profile: OidcProfile,
): Promise<SsoReauthResult> {
  const { userId, sessionId, ipAddress } = user;
  const { issuerAndSubject } = profile;
  const reason = await withTransaction(database, async (transaction) => {
    const refused = await applyReauthentication(transaction, user, { ...profile, ipAddress });
    if (refused) return refused;
    await updateIdentityLastUsed(transaction, issuerAndSubject);
    recordAuditEvent(transaction, 'proof.given', { userId, ipAddress, details: { method: 'oidc' } });
    return null;
  });
  if (!reason) {
    await rememberSignIn(database.$client, user);
    return { ok: true, sessionId };
  }
  await recordReauthRefusal(database, { reason, issuerAndSubject, userId, ipAddress });
  return { ok: false, reason };
}
