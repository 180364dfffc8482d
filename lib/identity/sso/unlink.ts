import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { type LockedUser, lockUser } from '#lib/identity/mfa/lock-user.ts';
import { isAdministratorLeft, lockAdministrators } from '#lib/identity/users/last-administrator.ts';
import { readUser } from '#lib/identity/users/list.ts';
import type { UserSummary, UserVersion } from '#lib/identity/users/schema.ts';
import { type Conflict, describeConflict } from '#lib/identity/users/update.ts';
import { queueFor } from '#lib/notifications/queue/queue-message.ts';
import type { Administrator, ReauthenticationRequired, Refusal } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { unlinkIdentities } from './unlink-identities.ts';

/** `keptOwnSession`: the administrator unlinked their own account and is still signed in. */
export type UnlinkSsoResult =
  | { ok: true; email: string; keptOwnSession: boolean }
  | { ok: false; reason: 'missing' }
  /** The user was saved after `version`, so their email address may have changed. */
  | Conflict
  /** The user has no linked account. */
  | { ok: false; reason: 'not_linked' }
  /** They are the last Settings Administrator who can sign in, and might not be able to sign in again. */
  | { ok: false; reason: 'last' }
  | ReauthenticationRequired
  | Refusal;

/**
 * Returns whether no Settings Administrator would remain who can certainly sign in. Without a password this one might not:
 * their email address at the provider may differ.
 */
async function isLastAdministrator(
  transaction: Transaction,
  user: UserSummary,
  { id, passwordHash }: LockedUser,
): Promise<boolean> {
  if (user.role !== 'settings_administrator' || !user.active || user.invited) return false;
  const hasPassword = settings().passwordSignIn && passwordHash !== null;
  return !hasPassword && !(await isAdministratorLeft(transaction, id));
}

async function unlink(
  transaction: Transaction,
  queue: PgBoss,
  administrator: Administrator,
  { id, version }: UserVersion,
): Promise<UnlinkSsoResult> {
  const refused = await lockAdministrators(transaction, administrator);
  if (refused) return refused;
  const lockedUser = await lockUser(transaction, id);
  const user = lockedUser && (await readUser(transaction, id));
  if (!user) return { ok: false, reason: 'missing' };
  if (user.version !== version) return describeConflict(transaction, user);
  if (await isLastAdministrator(transaction, user, lockedUser)) return { ok: false, reason: 'last' };
  const { userId, sessionId, address } = administrator;
  const keptOwnSession = id === userId;
  const keepSession = keptOwnSession ? sessionId : undefined;
  const isUnlinked = await unlinkIdentities(transaction, queue, id, { userId, address, keepSession });
  if (!isUnlinked) return { ok: false, reason: 'not_linked' };
  return { ok: true, email: lockedUser.email, keptOwnSession };
}

/**
 * Unlinks a user's account at the OpenID provider; their next sign-in there links by email address again. Notifies the
 * user by email and ends their sessions, except the administrator's own one. Requires that the user was not saved after
 * `version`, so that the email address is the one that the administrator saw. A concurrent single sign-on either comes
 * first and is ended, or comes later and links again.
 */
export async function unlinkSso(
  database: Database,
  administrator: Administrator,
  input: UserVersion,
): Promise<UnlinkSsoResult> {
  if (!administrator.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const queue = await queueFor(database.$client);
  return withTransaction(database, (transaction) => unlink(transaction, queue, administrator, input));
}
