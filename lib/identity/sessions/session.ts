import { cookies, headers } from 'next/headers';
import { decode, encode } from 'next-auth/jwt';
import { cache } from 'react';
import { validate } from 'uuid';
import type { CurrentUser } from '#lib/platform/authorization/roles.ts';
import { database } from '#lib/platform/database.ts';
import { ownCookies } from './cookies.ts';
import { readSession } from './read-session.ts';
import { pendingSecret, sessionSecret } from './secrets.ts';
import { signOut } from './sign-out.ts';
import { touchSession } from './touch-session.ts';

export type { CurrentUser } from '#lib/platform/authorization/roles.ts';

/** The id of the session that this request's cookie names, alive or not; null where there is none or it is not ours. */
export async function claimedSessionId(): Promise<string | null> {
  const token = (await cookies()).get(ownCookies().session)?.value;
  if (!token) return null;
  // `decode` throws on a token that was tampered with, is not ours, or is too old: all of them are no session.
  const claims = await decode({ token, secret: sessionSecret() }).catch(() => null);
  return typeof claims?.sid === 'string' && validate(claims.sid) ? claims.sid : null;
}

/**
 * Who makes this request, read from the database: null when nobody is signed in, the session has ended, was
 * idle for 30 minutes or is 12 hours old, or the person may no longer sign in. Asked once for each rendering.
 * @throws when the database cannot be asked: let nobody in then
 */
export const currentUser: () => Promise<CurrentUser | null> = cache(async () => {
  const sessionId = await claimedSessionId();
  return sessionId ? touchSession(database(), sessionId, await clientAddress()) : null;
});

/**
 * Who makes this request, without counting as seen: what a page asks by itself must not keep a session alive.
 * @throws when the database cannot be asked: let nobody in then
 */
export async function currentUserForPolling(): Promise<CurrentUser | null> {
  const sessionId = await claimedSessionId();
  return sessionId ? readSession(database(), sessionId, await clientAddress()) : null;
}

/** Ends a session at once, in all its tabs. */
export async function endSession(sessionId: string): Promise<void> {
  await signOut(database(), sessionId, await clientAddress());
}

/** The client's IP address, as `lib/platform/http/web-server.ts` found it (it overwrites what the client sent); for throttles. */
export async function clientAddress(): Promise<string> {
  return (await headers()).get('x-stagedoor-address') ?? 'unknown';
}

/** What the browser calls itself; null where it does not say. */
export async function clientBrowser(): Promise<string | null> {
  return (await headers()).get('user-agent');
}

/** By this process's clock, so it is generous: the row's ten minutes, by the database's, are what counts. */
const PENDING_SECONDS = 30 * 60;

/** Lets this browser go on with the sign-in whose password it got right. Only where cookies may be set. */
export async function storePendingId(pendingId: string): Promise<void> {
  const token = await encode({
    token: { pending: pendingId },
    secret: pendingSecret(),
    maxAge: PENDING_SECONDS,
  });
  const { pending, options } = ownCookies();
  (await cookies()).set(pending, token, { ...options, sameSite: 'strict' });
}

/** The sign-in whose second factor this browser may give, over or not; null where there is none. */
export async function claimedPendingId(): Promise<string | null> {
  const token = (await cookies()).get(ownCookies().pending)?.value;
  if (!token) return null;
  const claims = await decode({ token, secret: pendingSecret() }).catch(() => null);
  return typeof claims?.pending === 'string' && validate(claims.pending) ? claims.pending : null;
}

/** Forgets it. Only where cookies may be set. */
export async function forgetPendingId(): Promise<void> {
  const { pending, options } = ownCookies();
  (await cookies()).set(pending, '', { ...options, sameSite: 'strict', maxAge: 0 });
}

/** Next-auth's own cookies of the way to the provider last as long. */
const AT_PROVIDER_SECONDS = 15 * 60;
/** What the cookie of a proof says where that is how it ended. */
const ROLE_CHANGED = 'role_changed';

/** An empty one takes it away. */
async function setProofCookie(value: string): Promise<void> {
  const maxAge = value ? AT_PROVIDER_SECONDS : 0;
  const { proof, options } = ownCookies();
  (await cookies()).set(proof, value, { ...options, maxAge });
}

/** Remembers whether this browser went to the provider to prove anew who is signed in. Only where cookies may be set. */
export const storeReauthPending = (awaited: boolean) => setProofCookie(awaited ? '1' : '');

/** Whether it did. */
export async function isReauthPending(): Promise<boolean> {
  return (await cookies()).has(ownCookies().proof);
}

/** Remembers that this browser came back with another role, and was signed out by it. Only where cookies may be set. */
export const storeRoleChanged = () => setProofCookie(ROLE_CHANGED);

/** Whether it did, and has not set out anew. */
export async function isRoleChanged(): Promise<boolean> {
  return (await cookies()).get(ownCookies().proof)?.value === ROLE_CHANGED;
}
