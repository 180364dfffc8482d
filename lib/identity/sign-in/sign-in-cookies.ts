import { cookies } from 'next/headers';
import { decode, encode } from 'next-auth/jwt';
import { validate } from 'uuid';
import { ownCookies, pendingSecret } from '#lib/identity/sessions/cookies.ts';

/** Longer than the row's ten minutes, because this process's clock may be off; the database's clock decides. */
const PENDING_SECONDS = 30 * 60;

/** Stores the pending sign-in in this browser. Works only in an action or a route handler. */
export async function storePendingId(pendingId: string): Promise<void> {
  const token = await encode({
    token: { pending: pendingId },
    secret: pendingSecret(),
    maxAge: PENDING_SECONDS,
  });
  const { pending, options } = ownCookies();
  (await cookies()).set(pending, token, { ...options, sameSite: 'strict' });
}

/** Returns the id of this browser's pending sign-in, expired or not; null if there is none. */
export async function claimedPendingId(): Promise<string | null> {
  const token = (await cookies()).get(ownCookies().pending)?.value;
  if (!token) return null;
  const claims = await decode({ token, secret: pendingSecret() }).catch(() => null);
  return typeof claims?.pending === 'string' && validate(claims.pending) ? claims.pending : null;
}

/** Deletes the pending sign-in's cookie. Works only in an action or a route handler. */
export async function deletePendingId(): Promise<void> {
  const { pending, options } = ownCookies();
  (await cookies()).set(pending, '', { ...options, sameSite: 'strict', maxAge: 0 });
}

/** As long as next-auth's own cookies for the redirect to the provider. */
const AT_PROVIDER_SECONDS = 15 * 60;
/** Value of the re-authentication cookie after the provider reported another role. */
const ROLE_CHANGED = 'role_changed';

/** Sets the re-authentication cookie; an empty value deletes it. */
async function setReauthCookie(value: string): Promise<void> {
  const maxAge = value ? AT_PROVIDER_SECONDS : 0;
  const { reauth, options } = ownCookies();
  (await cookies()).set(reauth, value, { ...options, maxAge });
}

/** Stores whether this browser went to the provider to re-authenticate. Works only in an action or a route handler. */
export const storeReauthPending = (isPending: boolean) => setReauthCookie(isPending ? '1' : '');

/** Returns whether this browser went to the provider to re-authenticate. */
export async function isReauthPending(): Promise<boolean> {
  return (await cookies()).has(ownCookies().reauth);
}

/** Stores that a changed role has signed this browser out. Works only in an action or a route handler. */
export const storeRoleChanged = () => setReauthCookie(ROLE_CHANGED);

/** Returns whether a changed role signed this browser out at its latest re-authentication. */
export async function isRoleChanged(): Promise<boolean> {
  return (await cookies()).get(ownCookies().reauth)?.value === ROLE_CHANGED;
}
