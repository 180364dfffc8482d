import { cookies } from 'next/headers';
import { decode, encode } from 'next-auth/jwt';
import { validate } from 'uuid';
import { derivePendingSecret, getCookieSettings } from '#lib/identity/sessions/cookies.ts';

/** Longer than a pending sign-in's ten minutes: the database's clock decides, and this process's may be wrong. */
const PENDING_SECONDS = 30 * 60;

/** Stores the pending sign-in in this browser. Works only in an action or a route handler. */
export async function storePendingId(pendingId: string): Promise<void> {
  const token = await encode({
    token: { pending: pendingId },
    secret: derivePendingSecret(),
    maxAge: PENDING_SECONDS,
  });
  const { pending, options } = getCookieSettings();
  (await cookies()).set(pending, token, { ...options, sameSite: 'strict' });
}

/** Returns the id of the pending sign-in in this browser's cookie, which may have expired; null if there is none. */
export async function readPendingId(): Promise<string | null> {
  const token = (await cookies()).get(getCookieSettings().pending)?.value;
  if (!token) return null;
  const claims = await decode({ token, secret: derivePendingSecret() }).catch(() => null);
  return typeof claims?.pending === 'string' && validate(claims.pending) ? claims.pending : null;
}

/** Deletes the pending sign-in's cookie. Works only in an action or a route handler. */
export async function deletePendingId(): Promise<void> {
  const { pending, options } = getCookieSettings();
  (await cookies()).set(pending, '', { ...options, sameSite: 'strict', maxAge: 0 });
}

/** The same lifetime as next-auth's own cookies for the redirect to the provider. */
const REAUTH_COOKIE_SECONDS = 15 * 60;
/** Value of the re-authentication cookie after the provider reported another role. */
const ROLE_CHANGED = 'role_changed';

/** Sets the re-authentication cookie; an empty value deletes it. */
async function setReauthCookie(value: string): Promise<void> {
  const maxAge = value ? REAUTH_COOKIE_SECONDS : 0;
  const { reauth, options } = getCookieSettings();
  (await cookies()).set(reauth, value, { ...options, maxAge });
}

/** Stores whether this browser is at the provider to re-authenticate. Works only in an action or a route handler. */
export const storeReauthPending = (isPending: boolean) => setReauthCookie(isPending ? '1' : '');

/**
 * Returns whether this browser was last sent to the provider to re-authenticate, not to sign in. This is also true after
 * `storeRoleChanged`, until the next sign-in starts.
 */
export async function isReauthPending(): Promise<boolean> {
  return (await cookies()).has(getCookieSettings().reauth);
}

/** Stores that a changed role has signed this browser out. Works only in an action or a route handler. */
export const storeRoleChanged = () => setReauthCookie(ROLE_CHANGED);

/** Returns whether a changed role signed this browser out at its latest re-authentication. */
export async function isRoleChanged(): Promise<boolean> {
  return (await cookies()).get(getCookieSettings().reauth)?.value === ROLE_CHANGED;
}
