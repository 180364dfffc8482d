'use server';
import { revalidatePath } from 'next/cache';
import { addPasskey, startPasskey } from '#lib/identity/mfa/add-passkey.ts';
import { removePasskey, removeTotp } from '#lib/identity/mfa/remove-factor.ts';
import { renamePasskey } from '#lib/identity/mfa/rename-passkey.ts';
import { renewRecoveryCodes } from '#lib/identity/mfa/renew-recovery-codes.ts';
import {
  addPasskeySchema,
  confirmTotpSchema,
  removePasskeySchema,
  renamePasskeySchema,
} from '#lib/identity/mfa/schema.ts';
import { confirmTotp, startTotp } from '#lib/identity/mfa/set-up-totp.ts';
import { requireLocalAuth, requireSelf } from '#lib/identity/sessions/require-role.ts';
import { database } from '#lib/platform/database.ts';

// Each person's own: whose factors they are is never said by the browser.

const PAGE = '/settings/your-account';
const MISSING = { ok: false, reason: 'missing' } as const;

/** What an authenticator needs to make a passkey. */
export async function beginPasskey() {
  const asked = await requireSelf();
  if (!asked.ok) return asked;
  const ways = requireLocalAuth();
  if (!ways.ok) return ways;
  return startPasskey(database(), asked.person);
}

/** Keeps the passkey that was made. */
export async function savePasskey(input: unknown) {
  const asked = await requireSelf();
  if (!asked.ok) return asked;
  const ways = requireLocalAuth();
  if (!ways.ok) return ways;
  const parsed = addPasskeySchema.safeParse(input);
  if (!parsed.success) return { ok: false, reason: 'refused' } as const;
  const result = await addPasskey(database(), asked.person, parsed.data);
  revalidatePath(PAGE);
  return result;
}

/** Gives a passkey another name. */
export async function namePasskey(input: unknown) {
  const asked = await requireSelf();
  if (!asked.ok) return asked;
  const parsed = renamePasskeySchema.safeParse(input);
  if (!parsed.success) return MISSING;
  const result = await renamePasskey(database(), asked.person, parsed.data);
  revalidatePath(PAGE);
  return result;
}

/** Removes a passkey. */
export async function deletePasskey(input: unknown) {
  const asked = await requireSelf();
  if (!asked.ok) return asked;
  const parsed = removePasskeySchema.safeParse(input);
  if (!parsed.success) return MISSING;
  const result = await removePasskey(database(), asked.person, parsed.data);
  revalidatePath(PAGE);
  return result;
}

/** Makes a secret for an authenticator app, as a QR code and as text. */
export async function beginTotp() {
  const asked = await requireSelf();
  if (!asked.ok) return asked;
  const ways = requireLocalAuth();
  if (!ways.ok) return ways;
  return startTotp(database(), asked.person);
}

/** Makes the app a factor, by its first code. */
export async function saveTotp(input: unknown) {
  const asked = await requireSelf();
  if (!asked.ok) return asked;
  const ways = requireLocalAuth();
  if (!ways.ok) return ways;
  const parsed = confirmTotpSchema.safeParse(input);
  if (!parsed.success) return { ok: false, reason: 'malformed' } as const;
  const result = await confirmTotp(database(), asked.person, parsed.data);
  revalidatePath(PAGE);
  return result;
}

/** Removes the authenticator app. */
export async function deleteTotp() {
  const asked = await requireSelf();
  if (!asked.ok) return asked;
  const result = await removeTotp(database(), asked.person);
  revalidatePath(PAGE);
  return result;
}

/** Makes the recovery codes anew. */
export async function renewCodes() {
  const asked = await requireSelf();
  if (!asked.ok) return asked;
  const ways = requireLocalAuth();
  if (!ways.ok) return ways;
  const result = await renewRecoveryCodes(database(), asked.person);
  revalidatePath(PAGE);
  return result;
}
