import {
  getCurrentUser,
  peekCurrentUser,
  readClientInfo,
  readClientIpAddress,
} from '#lib/identity/sessions/require-role.ts';
import type { SsoError } from '#lib/identity/sso/errors.ts';
import { reauthenticateWithSso } from '#lib/identity/sso/reauthenticate.ts';
import { recordClaimsRefusal } from '#lib/identity/sso/record-refusal.ts';
import { signInWithSso } from '#lib/identity/sso/sign-in.ts';
import { type Claims, validateClaims } from '#lib/identity/sso/validate-claims.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { database, publicDatabase } from '#lib/platform/database.ts';
import { logWebError } from '#lib/platform/http/log-web-error.ts';
import { log } from '#lib/platform/log.ts';
import { isReauthPending, storeRoleChanged } from './sign-in-cookies.ts';

type SsoResult = { ok: true; sessionId: string } | { ok: false; reason: SsoError };

async function authenticateClaims(claims: Claims): Promise<SsoResult> {
  const { singleSignOn } = settings();
  if (!singleSignOn) return { ok: false, reason: 'failed' };
  const validated = validateClaims(singleSignOn, claims);
  // While a user is signed in, only that user can re-authenticate: another user must not take over their open page.
  const user = await getCurrentUser();
  if (!validated.ok) {
    const { reason } = validated;
    log.warn('sso.refused', { reason });
    await recordClaimsRefusal(publicDatabase(), claims, {
      reason,
      user,
      ipAddress: await readClientIpAddress(),
    });
    return { ok: false, reason: reason === 'malformed' ? 'failed' : reason };
  }
  const { profile } = validated;
  if (user) {
    const result = await reauthenticateWithSso(database(), user, profile);
    // The next page trusts only this cookie: anyone can forge its URL.
    if (!result.ok && result.reason === 'role_changed') await storeRoleChanged();
    return result;
  }
  // The session ended during the re-authentication. Do not sign in: another user may have returned from the provider.
  if (await isReauthPending()) return { ok: false, reason: 'expired' };
  return signInWithSso(publicDatabase(), { profile, client: await readClientInfo() });
}

/**
 * Builds the URL of the page that shows why single sign-on failed. Re-authentication runs in a separate window and has
 * its own page, even if a changed role has just signed the user out.
 */
export async function buildSsoErrorUrl(reason: SsoError): Promise<string> {
  const user = await peekCurrentUser().catch(() => null);
  const isReauth = user || reason === 'role_changed';
  return `${settings().publicUrl}/sign-in${isReauth ? '/confirmed' : ''}?failed=${reason}`;
}

/**
 * Records that the provider's tokens were refused: a claim that every ID token must have is missing, or the signature's
 * algorithm is not accepted. Without a valid token, the account at the provider is not known.
 */
export async function recordTokenRefusal(reason: SsoError): Promise<void> {
  const user = await peekCurrentUser();
  await recordClaimsRefusal(publicDatabase(), {}, { reason, user, ipAddress: await readClientIpAddress() });
}

/** Signs in or re-authenticates the user who returns from the provider. next-auth has verified the ID token. */
export async function completeSso(claims: Claims | undefined): Promise<SsoResult> {
  try {
    return await authenticateClaims(claims ?? {});
  } catch (error) {
    logWebError('sso.error', error);
    return { ok: false, reason: 'unavailable' };
  }
}
