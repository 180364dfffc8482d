'use server';
import { askForPasskey } from '#lib/identity/mfa/check-passkey.ts';
import { reauthenticate } from '#lib/identity/mfa/reauthenticate.ts';
import { reauthSchema } from '#lib/identity/mfa/schema.ts';
import { requireLocalAuth, requireSelf } from '#lib/identity/sessions/require-role.ts';
import { consumePasskeyStart } from '#lib/identity/sign-in/passkey-start-rate-limit.ts';
import { database, databasePool } from '#lib/platform/database.ts';
import { buildReauthMethods } from './reauth-methods.ts';

/** What this person can confirm with that it is them. */
export async function listReauthMethods() {
  const asked = await requireSelf();
  if (!asked.ok) return asked;
  return { ok: true, ...(await buildReauthMethods(database(), asked.person)) } as const;
}

/** What one of this person's passkeys is to sign. */
export async function startPasskeyReauth() {
  const asked = await requireSelf();
  if (!asked.ok) return asked;
  const ways = requireLocalAuth();
  if (!ways.ok) return ways;
  const { userId } = asked.person;
  const turn = await consumePasskeyStart(databasePool(), { userId });
  if (!turn.ok) return turn;
  return { ok: true, ...(await askForPasskey(database(), { purpose: 'prove', userId })) } as const;
}

/** Confirms that it is still the person who signed in. */
export async function submitReauth(input: unknown) {
  const asked = await requireSelf();
  if (!asked.ok) return asked;
  const ways = requireLocalAuth();
  if (!ways.ok) return ways;
  const parsed = reauthSchema.safeParse(input);
  if (!parsed.success) return { ok: false, reason: 'malformed' } as const;
  return reauthenticate(database(), asked.person, parsed.data);
}
