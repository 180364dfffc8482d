import { and, eq } from 'drizzle-orm';
import type { Database, Transaction } from '#db/client.ts';
import { passkeys, recoveryCodes } from '#db/schema/factors.ts';
import { users } from '#db/schema/users.ts';
import { withTransaction } from '#db/with-transaction.ts';
import { queueFor } from '#lib/notifications/queue/enqueue.ts';
import {
  type CurrentUser,
  type ReauthenticationRequired,
  type Refusal,
  SIGNED_OUT,
} from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { finishChange } from './finish-change.ts';
import { lockActor } from './lock-actor.ts';
import type { LockedUser } from './lock-user.ts';

export type FactorRemoved =
  | { ok: true }
  /** `last`: the installation requires a second factor, and this is the only one. */
  /** `password_short`: the password is too short to be all there is (NIST SP 800-63B-4, 3.1.1.2). */
  | { ok: false; reason: 'missing' | 'last' | 'password_short' }
  | ReauthenticationRequired
  | Refusal;

type Change = Parameters<typeof finishChange>[3];
/** Takes the factor out, and says how that is told; null where it is not there. */
type Remove = (transaction: Transaction, held: LockedUser) => Promise<Change | null>;

async function removeFactor(database: Database, person: CurrentUser, remove: Remove): Promise<FactorRemoved> {
  if (!person.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const sender = await queueFor(database.$client);
  return withTransaction(database, async (transaction) => {
    const held = await lockActor(transaction, person);
    if (!held) return SIGNED_OUT;
    if (held.factors === 0) return { ok: false, reason: 'missing' };
    const last = held.factors === 1;
    if (last && settings().requireSecondFactor) return { ok: false, reason: 'last' };
    if (last && held.passwordHash && !held.passwordStandsAlone)
      return { ok: false, reason: 'password_short' };
    const change = await remove(transaction, held);
    if (!change) return { ok: false, reason: 'missing' };
    // They stand in for a factor: without one, there is nothing to recover.
    if (last) await transaction.delete(recoveryCodes).where(eq(recoveryCodes.userId, person.userId));
    await finishChange(transaction, sender, person, change);
    return { ok: true };
  });
}

/** Removes one of a person's passkeys. What the device keeps is of no use from the commit on. */
export function removePasskey(
  database: Database,
  person: CurrentUser,
  { id }: { id: string },
): Promise<FactorRemoved> {
  return removeFactor(database, person, async (transaction) => {
    const [removed] = await transaction
      .delete(passkeys)
      .where(and(eq(passkeys.id, id), eq(passkeys.userId, person.userId)))
      .returning({ name: passkeys.name });
    if (!removed) return null;
    return { act: 'passkey.removed', notice: 'passkey_removed', details: { name: removed.name } };
  });
}

/** Removes a person's authenticator app, secret and all. */
export function removeTotp(database: Database, person: CurrentUser): Promise<FactorRemoved> {
  return removeFactor(database, person, async (transaction, held) => {
    if (!held.totpConfirmedAt) return null;
    await transaction
      .update(users)
      .set({ totpSecret: null, totpConfirmedAt: null, totpLastStep: null })
      .where(eq(users.id, person.userId));
    return { act: 'totp.removed', notice: 'totp_removed' };
  });
}
