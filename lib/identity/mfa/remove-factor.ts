import { and, eq } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { passkeys, recoveryCodes } from '#db/schema/factors.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { getQueue } from '#lib/notifications/queue/queue-message.ts';
import {
  type CurrentUser,
  type ReauthenticationRequired,
  type Refusal,
  SIGNED_OUT,
} from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { type FactorChange, finishFactorChange } from './finish-factor-change.ts';
import { lockActor } from './lock-actor.ts';
import type { LockedUser } from './lock-user.ts';

export type RemoveFactorResult =
  | { ok: true }
  /**
   * `last_factor`: the settings require a second factor, and this is the user's only one.
   * `password_too_short`: the password is too short to be the only factor (NIST SP 800-63B-4, 3.1.1.2).
   */
  | { ok: false; reason: 'not_found' | 'last_factor' | 'password_too_short' }
  /** The user has set up another authenticator app since. */
  | { ok: false; reason: 'replaced' }
  | ReauthenticationRequired
  | Refusal;

/** Deletes the factor and returns the change to record and notify; null if the user does not have the factor. */
type DeleteFactor = (transaction: Transaction, lockedUser: LockedUser) => Promise<FactorChange | null>;
/** Returns whether the user has another factor than the one that they have seen. */
type IsReplaced = (lockedUser: LockedUser) => boolean;

async function removeFactor(
  database: Database,
  user: CurrentUser,
  deleteFactor: DeleteFactor,
  isReplaced: IsReplaced = () => false,
): Promise<RemoveFactorResult> {
  if (!user.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const queue = await getQueue(database.$client);
  return withTransaction(database, async (transaction) => {
    const lockedUser = await lockActor(transaction, user);
    if (!lockedUser) return SIGNED_OUT;
    if (lockedUser.factorCount === 0) return { ok: false, reason: 'not_found' };
    if (isReplaced(lockedUser)) return { ok: false, reason: 'replaced' };
    const isLast = lockedUser.factorCount === 1;
    if (isLast && settings().isSecondFactorRequired) return { ok: false, reason: 'last_factor' };
    if (isLast && lockedUser.passwordHash && !lockedUser.passwordAllowsSingleFactor)
      return { ok: false, reason: 'password_too_short' };
    const change = await deleteFactor(transaction, lockedUser);
    if (!change) return { ok: false, reason: 'not_found' };
    // Recovery codes stand in for a lost factor, so they are useless without one.
    if (isLast) await transaction.delete(recoveryCodes).where(eq(recoveryCodes.userId, user.userId));
    await finishFactorChange(transaction, queue, user, change);
    return { ok: true };
  });
}

/** Removes one of a user's passkeys. */
export function removePasskey(
  database: Database,
  user: CurrentUser,
  { id }: { id: string },
): Promise<RemoveFactorResult> {
  return removeFactor(database, user, async (transaction) => {
    const [removed] = await transaction
      .delete(passkeys)
      .where(and(eq(passkeys.id, id), eq(passkeys.userId, user.userId)))
      .returning({ name: passkeys.name });
    if (!removed) return null;
    return { action: 'passkey.removed', notice: 'passkey_removed', details: { name: removed.name } };
  });
}

/**
 * Removes a user's authenticator app and its secret.
 * @param seen when the app that the user has seen was added; an app that was added later stays. Missing: removes any app
 */
export function removeTotp(
  database: Database,
  user: CurrentUser,
  seen?: { addedAt: Date },
): Promise<RemoveFactorResult> {
  const deleteTotp: DeleteFactor = async (transaction, lockedUser) => {
    if (!lockedUser.totpConfirmedAt) return null;
    await transaction
      .update(users)
      .set({ totpSecret: null, totpConfirmedAt: null, totpLastStep: null })
      .where(eq(users.id, user.userId));
    return { action: 'totp.removed', notice: 'totp_removed' };
  };
  return removeFactor(
    database,
    user,
    deleteTotp,
    ({ totpConfirmedAt }) =>
      seen !== undefined && totpConfirmedAt !== null && totpConfirmedAt.getTime() !== seen.addedAt.getTime(),
  );
}
