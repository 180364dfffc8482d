import { arrival } from '#lib/identity/sessions/arrival.ts';
import {
  clientAddress,
  currentPerson,
  isProofAwaited,
  keepRoleChanged,
  watchingPerson,
} from '#lib/identity/sessions/session.ts';
import { proveAtProvider } from '#lib/identity/sso/reauthenticate.ts';
import { recordClaimsRefused } from '#lib/identity/sso/record-refusal.ts';
import type { SignOnError } from '#lib/identity/sso/schema.ts';
import { signOn } from '#lib/identity/sso/sign-in.ts';
import { type Claims, judgeClaims } from '#lib/identity/sso/validate-claims.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { database } from '#lib/platform/database.ts';
import { log } from '#lib/platform/log.ts';

type Authorized = { ok: true; sessionId: string } | { ok: false; reason: SignOnError };

async function judge(claims: Claims): Promise<Authorized> {
  const { singleSignOn } = settings();
  if (!singleSignOn) return { ok: false, reason: 'failed' };
  const judged = judgeClaims(singleSignOn, claims);
  // Whoever is signed in goes there to prove it once more: never to become somebody else on a page that stands open.
  const person = await currentPerson();
  if (!judged.ok) {
    const { reason } = judged;
    log.warn('single_sign_on.refused', { reason });
    await recordClaimsRefused(database(), claims, { reason, person, address: await clientAddress() });
    return { ok: false, reason: reason === 'foreign' ? 'foreign' : 'failed' };
  }
  const { holder } = judged;
  if (person) {
    const proven = await proveAtProvider(database(), person, holder);
    // What the page that they are led to says is believed by this alone: anybody can write its address.
    if (!proven.ok && proven.reason === 'role_changed') await keepRoleChanged();
    return proven;
  }
  // Nor where their session has ended meanwhile.
  if (await isProofAwaited()) return { ok: false, reason: 'over' };
  return signOn(database(), { holder, arrival: await arrival() });
}

/**
 * The page that tells why: whoever is signed in already came to prove who they are, in a window of its own, and so did
 * whoever was until their role became another one.
 */
export async function signOnErrorPage(reason: SignOnError): Promise<string> {
  const person = await watchingPerson().catch(() => null);
  const toConfirm = person || reason === 'role_changed';
  return `${settings().publicUrl}/sign-in${toConfirm ? '/confirmed' : ''}?failed=${reason}`;
}

/** What becomes of somebody who comes back from the provider, whose ID token was checked. next-auth calls it. */
export async function authorizeAtProvider(claims: Claims | undefined): Promise<Authorized> {
  try {
    return await judge(claims ?? {});
  } catch (error) {
    log.error('single_sign_on', error);
    return { ok: false, reason: 'unavailable' };
  }
}
