'use server';
import { requestPasskeyAssertion } from '#lib/identity/mfa/check-passkey.ts';
import { reauthenticate } from '#lib/identity/mfa/reauthenticate.ts';
import { reauthSchema } from '#lib/identity/mfa/schema.ts';
import { requireLocalAuth, requireSelf } from '#lib/identity/sessions/require-role.ts';
import { consumePasskeyStart } from '#lib/identity/sign-in/rate-limits.ts';
import { database, databasePool } from '#lib/platform/database.ts';
import { readReauthMethods } from './reauth-methods.ts';

/** Lists the methods with which the current user can re-authenticate. */
export async function listReauthMethods() {
  const access = await requireSelf();
  if (!access.ok) return access;
  return { ok: true, ...(await readReauthMethods(database(), access.user)) } as const;
}

/** Starts re-authentication with a passkey: returns the options for the browser. */
export async function startPasskeyReauth() {
  const access = await requireSelf();
  if (!access.ok) return access;
  const localAuth = requireLocalAuth();
  if (!localAuth.ok) return localAuth;
  const { userId } = access.user;
  const rateLimit = await consumePasskeyStart(databasePool(), { userId });
  if (!rateLimit.ok) return rateLimit;
  return {
    ok: true,
    ...(await requestPasskeyAssertion(database(), { purpose: 'reauthenticate', userId })),
  } as const;
}

/** Re-authenticates the current user with a password, a TOTP code or a passkey. */
export async function submitReauth(input: unknown) {
  const access = await requireSelf();
  if (!access.ok) return access;
  const localAuth = requireLocalAuth();
  if (!localAuth.ok) return localAuth;
  const parsed = reauthSchema.safeParse(input);
  if (!parsed.success) return { ok: false, reason: 'malformed' } as const;
  return reauthenticate(database(), access.user, parsed.data);
}
