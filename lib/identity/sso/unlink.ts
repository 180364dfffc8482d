import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { type LockedUser, lockUser } from '#lib/identity/mfa/lock-user.ts';
import { isAdministratorLeft, lockUsersAsAdministrator } from '#lib/identity/users/last-administrator.ts';
import { readUser } from '#lib/identity/users/list.ts';
import type { UnlinkSsoInput, UserSummary } from '#lib/identity/users/schema.ts';
import { type EditConflict, readEditConflict } from '#lib/identity/users/update.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import type { Administrator, ReauthenticationRequired, Refusal } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { unlinkIdentities } from './unlink-identities.ts';

/** `keptOwnSession`: the administrator unlinked their own account, and is still signed in. */
export type UnlinkSsoResult =
  | { ok: true; email: string; keptOwnSession: boolean }
  | { ok: false; reason: 'not_found' }
  /** The user was saved after `version`, so their email address may have changed. */
  | EditConflict
  /** Another account was linked after the administrator had read the user. */
  | { ok: false; reason: 'relinked'; identityId: string }
  /** The user has no linked account. */
  | { ok: false; reason: 'not_linked' }
  /** The user is the last Settings Administrator who can sign in, and might not be able to sign in again. */
  | { ok: false; reason: 'last_administrator' }
  | ReauthenticationRequired
  | Refusal;

/**
 * Returns whether unlinking might leave no Settings Administrator who can sign in. Without a password, this user might
 * not be able to sign in again: their email address at the provider may differ.
 */
async function mightLockOutAdministrators(
  transaction: Transaction,
  user: UserSummary,
  { id, passwordHash }: LockedUser,
): Promise<boolean> {
  if (user.role !== 'settings_administrator' || !user.active || !user.hasSignInMethod) return false;
  const hasPassword = settings().isLocalAuthEnabled && passwordHash !== null;
  return !hasPassword && !(await isAdministratorLeft(transaction, id));
}

async function unlink(
  transaction: Transaction,
  queue: PgBoss,
  administrator: Administrator,
  { id, version, identityId }: UnlinkSsoInput,
): Promise<UnlinkSsoResult> {
  const refusal = await lockUsersAsAdministrator(transaction, administrator);
  if (refusal) return refusal;
  const lockedUser = await lockUser(transaction, id);
  const user = lockedUser && (await readUser(transaction, id));
  if (!user) return { ok: false, reason: 'not_found' };
  if (user.version !== version) return readEditConflict(transaction, user);
  if (identityId !== undefined && user.identityId !== null && user.identityId !== identityId)
    return { ok: false, reason: 'relinked', identityId: user.identityId };
  if (await mightLockOutAdministrators(transaction, user, lockedUser))
    return { ok: false, reason: 'last_administrator' };
  const { userId, sessionId, ipAddress } = administrator;
  const keptOwnSession = id === userId;
  const keepSession = keptOwnSession ? sessionId : undefined;
  const isUnlinked = await unlinkIdentities(transaction, queue, id, { userId, ipAddress, keepSession });
  if (!isUnlinked) return { ok: false, reason: 'not_linked' };
  return { ok: true, email: lockedUser.email, keptOwnSession };
}

/**
 * Unlinks a user's accounts at OpenID providers. Their next sign-in there links by email address again. Notifies the user
 * by email and ends their sessions, except the administrator's current one. Requires that the user was not saved after
 * `version`, so that the email address is the one that the administrator saw, and that no other account was linked since.
 * A concurrent single sign-on either comes first and is ended, or comes later and links again.
 */
export async function unlinkSso(
  database: Database,
  administrator: Administrator,
  input: UnlinkSsoInput,
): Promise<UnlinkSsoResult> {
  if (!administrator.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const queue = await getQueue(database.$client);
  return withTransaction(database, (transaction) => unlink(transaction, queue, administrator, input));
}
