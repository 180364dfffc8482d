'use server';
import { askForPasskey } from '#lib/identity/mfa/check-passkey.ts';
import { prove } from '#lib/identity/mfa/reauthenticate.ts';
import { proofSchema } from '#lib/identity/mfa/schema.ts';
import { requireOwnWays, requireSelf } from '#lib/identity/sessions/require-role.ts';
import { takePasskeyStart } from '#lib/identity/sign-in/passkey-start-rate-limit.ts';
import { database, databasePool } from '#lib/platform/database.ts';
import { listWays } from './list-ways.ts';

/** What this person can confirm with that it is them. */
export async function listProofs() {
  const asked = await requireSelf();
  if (!asked.ok) return asked;
  return { ok: true, ...(await listWays(database(), asked.person)) } as const;
}

/** What one of this person's passkeys is to sign. */
export async function startPasskeyProof() {
  const asked = await requireSelf();
  if (!asked.ok) return asked;
  const ways = requireOwnWays();
  if (!ways.ok) return ways;
  const { userId } = asked.person;
  const turn = await takePasskeyStart(databasePool(), { userId });
  if (!turn.ok) return turn;
  return { ok: true, ...(await askForPasskey(database(), { purpose: 'prove', userId })) } as const;
}

/** Confirms that it is still the person who signed in. */
export async function giveProof(input: unknown) {
  const asked = await requireSelf();
  if (!asked.ok) return asked;
  const ways = requireOwnWays();
  if (!ways.ok) return ways;
  const parsed = proofSchema.safeParse(input);
  if (!parsed.success) return { ok: false, reason: 'malformed' } as const;
  return prove(database(), asked.person, parsed.data);
}
