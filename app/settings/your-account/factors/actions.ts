'use server';
import { revalidatePath } from 'next/cache';
import { addPasskey, beginPasskeyRegistration } from '#lib/identity/mfa/add-passkey.ts';
import { removePasskey, removeTotp } from '#lib/identity/mfa/remove-factor.ts';
import { renamePasskey } from '#lib/identity/mfa/rename-passkey.ts';
import { renewRecoveryCodes } from '#lib/identity/mfa/renew-recovery-codes.ts';
import {
  addPasskeySchema,
  confirmTotpSchema,
  removePasskeySchema,
  removeTotpSchema,
  renamePasskeySchema,
  renewRecoveryCodesSchema,
} from '#lib/identity/mfa/schema.ts';
import { confirmTotp, startTotp } from '#lib/identity/mfa/set-up-totp.ts';
import { requireLocalAuth, requireSelf } from '#lib/identity/sessions/require-role.ts';
import { database } from '#lib/platform/database.ts';
import { MALFORMED_REQUEST } from '../../malformed-request.ts';

// The actions change only the signed-in user's factors: the browser never sends a user id.

const PAGE = '/settings/your-account';

/** Returns the options with which an authenticator creates a passkey. */
export async function startPasskeyRegistration() {
  const access = await requireSelf();
  if (!access.ok) return access;
  const localAuth = requireLocalAuth();
  if (!localAuth.ok) return localAuth;
  return beginPasskeyRegistration(database(), access.user);
}

/** Verifies and saves a new passkey. */
export async function savePasskey(input: unknown) {
  const access = await requireSelf();
  if (!access.ok) return access;
  const localAuth = requireLocalAuth();
  if (!localAuth.ok) return localAuth;
  const parsed = addPasskeySchema.safeParse(input);
  if (!parsed.success) return { ok: false, reason: 'verification_failed' } as const;
  const result = await addPasskey(database(), access.user, parsed.data);
  revalidatePath(PAGE);
  return result;
}

export async function renameOwnPasskey(input: unknown) {
  const access = await requireSelf();
  if (!access.ok) return access;
  const parsed = renamePasskeySchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await renamePasskey(database(), access.user, parsed.data);
  revalidatePath(PAGE);
  return result;
}

export async function removeOwnPasskey(input: unknown) {
  const access = await requireSelf();
  if (!access.ok) return access;
  const parsed = removePasskeySchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await removePasskey(database(), access.user, parsed.data);
  revalidatePath(PAGE);
  return result;
}

/** Generates the secret for an authenticator app, and returns it as a QR code and as text. */
export async function startTotpSetup() {
  const access = await requireSelf();
  if (!access.ok) return access;
  const localAuth = requireLocalAuth();
  if (!localAuth.ok) return localAuth;
  return startTotp(database(), access.user);
}

/** Adds the authenticator app after checking its first code. */
export async function saveTotp(input: unknown) {
  const access = await requireSelf();
  if (!access.ok) return access;
  const localAuth = requireLocalAuth();
  if (!localAuth.ok) return localAuth;
  const parsed = confirmTotpSchema.safeParse(input);
  if (!parsed.success) return { ok: false, reason: 'malformed' } as const;
  const result = await confirmTotp(database(), access.user, parsed.data);
  revalidatePath(PAGE);
  return result;
}

export async function removeOwnTotp(input: unknown) {
  const access = await requireSelf();
  if (!access.ok) return access;
  const parsed = removeTotpSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await removeTotp(database(), access.user, parsed.data);
  revalidatePath(PAGE);
  return result;
}

/** Replaces the recovery codes with new ones. */
export async function replaceRecoveryCodes(input: unknown) {
  const access = await requireSelf();
  if (!access.ok) return access;
  const localAuth = requireLocalAuth();
  if (!localAuth.ok) return localAuth;
  const parsed = renewRecoveryCodesSchema.safeParse(input);
  if (!parsed.success) return MALFORMED_REQUEST;
  const result = await renewRecoveryCodes(database(), access.user, parsed.data);
  revalidatePath(PAGE);
  return result;
}
