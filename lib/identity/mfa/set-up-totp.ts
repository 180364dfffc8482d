import { eq, sql } from 'drizzle-orm';
import type { PgBoss } from 'pg-boss';
import type { Database, Transaction } from '#db/client.ts';
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
import { groupCharacters, toBase32 } from './base32.ts';
import { stepNow } from './check-totp.ts';
import { finishChange, firstRecoveryCodes } from './finish-change.ts';
import { lockActor } from './lock-actor.ts';
import type { LockedUser } from './lock-user.ts';
import { readTotpCode } from './schema.ts';
import { matchingStep, totpUri } from './totp.ts';
import { drawQrCode, type QrCode } from './totp-qr.ts';
import { newTotpSecret, openTotpSecret, sealTotpSecret } from './totp-secret.ts';

/** `secret`: base32 in groups of four, to be typed where no camera is at hand. */
export type TotpStarted =
  | { ok: true; secret: string; qrCode: QrCode }
  | { ok: false; reason: 'exists' }
  | ReauthenticationRequired
  | Refusal;

/** Makes a secret for a person's authenticator app. It is no factor until a first code of it was right. */
export async function startTotp(database: Database, person: CurrentUser): Promise<TotpStarted> {
  if (!person.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  return withTransaction(database, async (transaction): Promise<TotpStarted> => {
    const held = await lockActor(transaction, person);
    if (!held) return SIGNED_OUT;
    if (held.totpConfirmedAt) return { ok: false, reason: 'exists' };
    const secret = newTotpSecret();
    const kept = { totpSecret: sealTotpSecret(held.id, secret), totpLastStep: null };
    await transaction.update(users).set(kept).where(eq(users.id, held.id));
    const uri = totpUri(secret, { issuer: settings().organisationName, account: held.email });
    return { ok: true, secret: groupCharacters(toBase32(secret), ' '), qrCode: drawQrCode(uri) };
  });
}

export type TotpConfirmed =
  /** `recoveryCodes`: shown now or never; null where the person has some from before. */
  | { ok: true; recoveryCodes: string[] | null }
  | { ok: false; reason: 'malformed' | 'wrong' | 'exists' | 'missing' }
  | ReauthenticationRequired
  | Refusal;

/** The step that a code of a secret that waits for its first code is of; null: of none. */
async function stepOf(transaction: Transaction, { id, totpSecret }: LockedUser, code: string) {
  const secret = totpSecret ? openTotpSecret(id, totpSecret) : null;
  const [now] = await transaction.select({ step: stepNow }).from(users).where(eq(users.id, id));
  return secret && now ? matchingStep(secret, code, now.step) : null;
}

async function confirm(
  transaction: Transaction,
  sender: PgBoss,
  person: CurrentUser,
  code: string,
): Promise<TotpConfirmed> {
  const held = await lockActor(transaction, person);
  if (!held) return SIGNED_OUT;
  if (held.totpConfirmedAt) return { ok: false, reason: 'exists' };
  if (!held.totpSecret) return { ok: false, reason: 'missing' };
  const totpLastStep = await stepOf(transaction, held, code);
  if (totpLastStep === null) return { ok: false, reason: 'wrong' };
  await transaction
    .update(users)
    .set({ totpConfirmedAt: sql`now()`, totpLastStep })
    .where(eq(users.id, held.id));
  const recoveryCodes = await firstRecoveryCodes(transaction, person, held);
  await finishChange(transaction, sender, person, { act: 'totp.added', notice: 'totp_added' });
  return { ok: true, recoveryCodes };
}

/** Makes a person's authenticator app a factor, once its first code is right. */
export async function confirmTotp(
  database: Database,
  person: CurrentUser,
  input: { code: string },
): Promise<TotpConfirmed> {
  if (!person.hasRecentAuth) return { ok: false, reason: 'reauthentication_required' };
  const code = readTotpCode(input.code);
  if (!code) return { ok: false, reason: 'malformed' };
  const sender = await queueFor(database.$client);
  return withTransaction(database, (transaction) => confirm(transaction, sender, person, code));
}
