import { arrival } from '#lib/identity/sessions/arrival.ts';
import {
  clientAddress,
  currentUser,
  currentUserForPolling,
  isReauthPending,
  storeRoleChanged,
} from '#lib/identity/sessions/session.ts';
import { reauthenticateWithSso } from '#lib/identity/sso/reauthenticate.ts';
import { recordClaimsRefused } from '#lib/identity/sso/record-refusal.ts';
import type { SsoError } from '#lib/identity/sso/schema.ts';
import { signInWithSso } from '#lib/identity/sso/sign-in.ts';
import { type Claims, validateClaims } from '#lib/identity/sso/validate-claims.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { database } from '#lib/platform/database.ts';
import { log } from '#lib/platform/log.ts';

type Authorized = { ok: true; sessionId: string } | { ok: false; reason: SsoError };

async function judge(claims: Claims): Promise<Authorized> {
  const { singleSignOn } = settings();
  if (!singleSignOn) return { ok: false, reason: 'failed' };
  const judged = validateClaims(singleSignOn, claims);
  // Whoever is signed in goes there to prove it once more: never to become somebody else on a page that stands open.
  const person = await currentUser();
  if (!judged.ok) {
    const { reason } = judged;
    log.warn('single_sign_on.refused', { reason });
    await recordClaimsRefused(database(), claims, { reason, person, address: await clientAddress() });
    return { ok: false, reason: reason === 'foreign' ? 'foreign' : 'failed' };
  }
  const { holder } = judged;
  if (person) {
    const proven = await reauthenticateWithSso(database(), person, holder);
    // What the page that they are led to says is believed by this alone: anybody can write its address.
    if (!proven.ok && proven.reason === 'role_changed') await storeRoleChanged();
    return proven;
  }
  // Nor where their session has ended meanwhile.
  if (await isReauthPending()) return { ok: false, reason: 'over' };
  return signInWithSso(database(), { holder, arrival: await arrival() });
}

/**
 * The page that tells why: whoever is signed in already came to prove who they are, in a window of its own, and so did
 * whoever was until their role became another one.
 */
export async function ssoErrorPage(reason: SsoError): Promise<string> {
  const person = await currentUserForPolling().catch(() => null);
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
