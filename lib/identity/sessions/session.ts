import { cookies, headers } from 'next/headers';
import { decode, encode } from 'next-auth/jwt';
import { cache } from 'react';
import { validate } from 'uuid';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { database } from '#lib/platform/database.ts';
import { ownCookies } from './cookies.ts';
import { pendingSecret, sessionSecret } from './secrets.ts';
import { signOut } from './sign-out.ts';
import type { ClientInfo } from './start-session.ts';
import { readSession, touchSession } from './touch-session.ts';

export type { CurrentUser } from '#lib/platform/authorization/roles.ts';

/** Returns the session id in this request's cookie, active or not; null if there is no cookie or it is not ours. */
export async function claimedSessionId(): Promise<string | null> {
  const token = (await cookies()).get(ownCookies().session)?.value;
  if (!token) return null;
  // `decode` throws on a token that was tampered with, is not ours, or is too old.
  const claims = await decode({ token, secret: sessionSecret() }).catch(() => null);
  return typeof claims?.sid === 'string' && validate(claims.sid) ? claims.sid : null;
}

/**
 * Returns the user who makes this request and marks the session as seen; null if the session is missing, ended, idle for
 * 30 minutes or 12 hours old, or if the user may no longer sign in. Reads the database once per rendering.
 * @throws if the database cannot be queried; the caller must then refuse
 */
export const currentUser: () => Promise<CurrentUser | null> = cache(async () => {
  const sessionId = await claimedSessionId();
  return sessionId ? touchSession(database(), sessionId, await clientAddress()) : null;
});

/**
 * Returns the user who makes this request without marking the session as seen: polling must not keep it active.
 * @throws if the database cannot be queried; the caller must then refuse
 */
export async function currentUserForPolling(): Promise<CurrentUser | null> {
  const sessionId = await claimedSessionId();
  return sessionId ? readSession(database(), sessionId, await clientAddress()) : null;
}

/** Ends a session immediately, in all its tabs. */
export async function endSession(sessionId: string): Promise<void> {
  await signOut(database(), sessionId, await clientAddress());
}

/**
 * Returns the client's IP address, for rate limits and the audit log.
 * `lib/platform/http/web-server.ts` sets the header and overwrites what the client sent.
 */
export async function clientAddress(): Promise<string> {
  return (await headers()).get('x-stagedoor-address') ?? 'unknown';
}

/** Returns what a sign-in records about the client that makes this request. */
export async function readClientInfo(): Promise<ClientInfo> {
  return {
    address: await clientAddress(),
    userAgent: (await headers()).get('user-agent'),
    previousSessionId: await claimedSessionId(),
  };
}

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
