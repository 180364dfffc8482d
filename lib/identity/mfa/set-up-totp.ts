import { eq, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
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
import { findCode } from '#lib/platform/user-input/code.ts';
import { groupCharacters, toBase32 } from './base32.ts';
import { currentStep } from './check-totp.ts';
import { finishFactorChange, generateFirstRecoveryCodes } from './finish-factor-change.ts';
import { lockActor } from './lock-actor.ts';
import type { LockedUser } from './lock-user.ts';
import { buildTotpUri, findMatchingStep } from './totp.ts';
import { drawQrCode, type QrCode } from './totp-qr.ts';
import { decryptTotpSecret, encryptTotpSecret, generateTotpSecret } from './totp-secret.ts';

/** `secret`: base32 in groups of four, for users who cannot scan the QR code. */
export type StartTotpResult =
  | { ok: true; secret: string; qrCode: QrCode }
  | { ok: false; reason: 'already_set_up' }
  | ReauthenticationRequired
  | Refusal;

/**
 * Generates a secret for a user's authenticator app. The app becomes a factor when `confirmTotp` accepts a first code.
 */
export async function startTotp(database: Database, user: CurrentUser): Promise<StartTotpResult> {
  if (!user.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  return withTransaction(database, async (transaction): Promise<StartTotpResult> => {
    const lockedUser = await lockActor(transaction, user);
    if (!lockedUser) return SIGNED_OUT;
    if (lockedUser.totpConfirmedAt) return { ok: false, reason: 'already_set_up' };
    const secret = generateTotpSecret();
    const columns = { totpSecret: encryptTotpSecret(lockedUser.id, secret), totpLastStep: null };
    await transaction.update(users).set(columns).where(eq(users.id, lockedUser.id));
    const uri = buildTotpUri(secret, { issuer: settings().organisationName, account: lockedUser.email });
    return { ok: true, secret: groupCharacters(toBase32(secret), ' '), qrCode: drawQrCode(uri) };
  });
}

export type ConfirmTotpResult =
  /** `recoveryCodes`: shown only once; null if the user already had a second factor. */
  | { ok: true; recoveryCodes: string[] | null }
  | { ok: false; reason: 'malformed' | 'wrong_code' | 'already_set_up' | 'not_started' }
  | ReauthenticationRequired
  | Refusal;

/** Finds the time step of a code of the unconfirmed secret; null if the code is wrong. */
async function findTimeStep(transaction: Transaction, { id, totpSecret }: LockedUser, code: string) {
  const secret = totpSecret ? decryptTotpSecret(id, totpSecret) : null;
  const [current] = await transaction.select({ step: currentStep }).from(users).where(eq(users.id, id));
  return secret && current ? findMatchingStep(secret, code, current.step) : null;
}

async function confirmWithCode(
  transaction: Transaction,
  queue: PgBoss,
  user: CurrentUser,
  code: string,
): Promise<ConfirmTotpResult> {
  const lockedUser = await lockActor(transaction, user);
  if (!lockedUser) return SIGNED_OUT;
  if (lockedUser.totpConfirmedAt) return { ok: false, reason: 'already_set_up' };
  if (!lockedUser.totpSecret) return { ok: false, reason: 'not_started' };
  const totpLastStep = await findTimeStep(transaction, lockedUser, code);
  if (totpLastStep === null) return { ok: false, reason: 'wrong_code' };
  await transaction
    .update(users)
    .set({ totpConfirmedAt: sql`now()`, totpLastStep })
    .where(eq(users.id, lockedUser.id));
  const recoveryCodes = await generateFirstRecoveryCodes(transaction, user, lockedUser);
  await finishFactorChange(transaction, queue, user, { action: 'totp.added', notice: 'totp_added' });
  return { ok: true, recoveryCodes };
}

/** Adds a user's authenticator app as a factor if its first code is correct. */
export async function confirmTotp(
  database: Database,
  user: CurrentUser,
  input: { code: string },
): Promise<ConfirmTotpResult> {
  if (!user.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const code = findCode(input.code);
  if (!code) return { ok: false, reason: 'malformed' };
  const queue = await getQueue(database.$client);
  return withTransaction(database, (transaction) => confirmWithCode(transaction, queue, user, code));
}
