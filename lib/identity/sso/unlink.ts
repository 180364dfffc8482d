import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { type LockedUser, lockUser } from '#lib/identity/mfa/lock-user.ts';
import { isAdministratorLeft, lockAdministrators } from '#lib/identity/users/last-administrator.ts';
import { readUser } from '#lib/identity/users/list.ts';
import type { SeenUser, UserSummary } from '#lib/identity/users/schema.ts';
import { type Conflict, describeConflict } from '#lib/identity/users/update.ts';
import { queueFor } from '#lib/notifications/queue/enqueue.ts';
import type { Administrator, ReauthenticationRequired, Refusal } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { unlinkIdentities } from './unlink-identities.ts';

/** `stayed`: they did it to themselves, and are still signed in where they did. */
export type SsoUnlinked =
  | { ok: true; email: string; stayed: boolean }
  | { ok: false; reason: 'missing' }
  /** Somebody has saved them since the editor saw `version`: their address may be another one. */
  | Conflict
  /** No account at a provider is linked with them. */
  | { ok: false; reason: 'not_linked' }
  /** Of all Settings Administrators who can sign in, one has to remain: nobody knows whether this one gets in again. */
  | { ok: false; reason: 'last' }
  | ReauthenticationRequired
  | Refusal;

/** Whether no Settings Administrator were left who can sign in for certain: their address there may be another one. */
async function wouldLeaveNone(
  transaction: Transaction,
  user: UserSummary,
  { id, passwordHash }: LockedUser,
): Promise<boolean> {
  if (user.role !== 'settings_administrator' || !user.active || user.invited) return false;
  const hasPassword = settings().passwordSignIn && passwordHash !== null;
  return !hasPassword && !(await isAdministratorLeft(transaction, id));
}

async function forget(
  transaction: Transaction,
  sender: PgBoss,
  by: Administrator,
  { id, version }: SeenUser,
): Promise<SsoUnlinked> {
  const refused = await lockAdministrators(transaction, by);
  if (refused) return refused;
  const held = await lockUser(transaction, id);
  const user = held && (await readUser(transaction, id));
  if (!user) return { ok: false, reason: 'missing' };
  if (user.version !== version) return describeConflict(transaction, user);
  if (await wouldLeaveNone(transaction, user, held)) return { ok: false, reason: 'last' };
  const { userId, sessionId, address } = by;
  const stayed = id === userId;
  const keepSession = stayed ? sessionId : undefined;
  const done = await unlinkIdentities(transaction, sender, id, { userId, address, keepSession });
  if (!done) return { ok: false, reason: 'not_linked' };
  return { ok: true, email: held.email, stayed };
}

/**
 * Forgets which account at the OpenID provider is somebody's: at their next sign-in there, whichever has their address
 * is theirs. They are told by email, and signed out everywhere; an administrator who does it to themselves stays where
 * they are. Nothing is done where somebody has saved them since the editor saw `version`: by their address it goes, and
 * that has to be the one that was looked at. A sign-on that goes on at the same time comes before it, and is ended, or
 * after it, by the address.
 */
export async function unlinkSso(
  database: Database,
  administrator: Administrator,
  input: SeenUser,
): Promise<SsoUnlinked> {
  if (!administrator.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const sender = await queueFor(database.$client);
  return withTransaction(database, (transaction) => forget(transaction, sender, administrator, input));
}
