import { cookies, headers } from 'next/headers';
import { decode } from 'next-auth/jwt';
import { cache } from 'react';
import { validate } from 'uuid';
import {
  type Administrator,
  authorizeAdministrator,
  authorizeUser,
  authorizeViewer,
  type CurrentUser,
  type Refusal,
  type Viewer,
} from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { database } from '#lib/platform/database.ts';
import { checkOrigin } from '#lib/platform/http/request-origin.ts';
import { ownCookies, sessionSecret } from './cookies.ts';
import { recordRefusal } from './record-refusal.ts';
import { signOut } from './sign-out.ts';
import type { ClientInfo } from './start-session.ts';
import { readSession, touchSession } from './touch-session.ts';

export type { Administrator, CurrentUser, Refusal, Viewer } from '#lib/platform/authorization/roles.ts';

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

/** Requires that one of our own pages sent this request. For public actions; `requireAdministrator` includes it. */
export async function requireSameOrigin(): Promise<{ ok: true } | Refusal> {
  const sentHeaders = await headers();
  const { publicUrl } = settings();
  const origin = checkOrigin(
    {
      secFetchSite: sentHeaders.get('sec-fetch-site'),
      origin: sentHeaders.get('origin'),
      host: sentHeaders.get('host'),
    },
    publicUrl,
  );
  if (origin === 'own') return { ok: true };
  const message = `Nothing was changed. Open ${publicUrl} and try again from there.`;
  return { ok: false, reason: 'foreign_request', message };
}

/**
 * Requires that local authentication is enabled. For actions that accept or set a password, a passkey or a code, which are
 * useless if single sign-on is the only sign-in method.
 */
export function requireLocalAuth(): { ok: true } | Refusal {
  const { passwordSignIn, singleSignOn } = settings();
  if (passwordSignIn) return { ok: true };
  const message = `Passwords, passkeys and codes aren’t used here. Sign in with ${singleSignOn?.name}.`;
  return { ok: false, reason: 'local_auth_disabled', message };
}

/**
 * Requires an administrator and a request from our own page. For every action that changes something.
 * Records each refusal.
 * @param requested the action's name, for the audit log; never text from a browser
 */
export async function requireAdministrator(
  requested?: string,
): Promise<{ ok: true; administrator: Administrator } | Refusal> {
  const sameOrigin = await requireSameOrigin();
  const user = sameOrigin.ok ? await currentUser() : null;
  const result = sameOrigin.ok ? authorizeAdministrator(user) : sameOrigin;
  if (!result.ok) await recordRefusal(database(), { ...result, requested }, user);
  return result;
}

/** Requires an administrator for a polling request, which does not keep the session active. */
export async function requireAdministratorForPolling(): Promise<
  { ok: true; administrator: Administrator } | Refusal
> {
  const sameOrigin = await requireSameOrigin();
  const user = sameOrigin.ok ? await currentUserForPolling() : null;
  const result = sameOrigin.ok ? authorizeAdministrator(user) : sameOrigin;
  if (!result.ok) await recordRefusal(database(), result, user);
  return result;
}

/** Requires a viewer or an administrator. For every settings page. */
export async function requireViewer(): Promise<
  { ok: true; viewer: Viewer; administrator: Administrator | null } | Refusal
> {
  return authorizeViewer(await currentUser());
}

/** Requires a signed-in user of any role. For pages about the user's own account. */
export async function requireUser(): Promise<{ ok: true; user: CurrentUser } | Refusal> {
  return authorizeUser(await currentUser());
}

/** Requires a signed-in user and a request from our own page. For actions on the user's own account. */
export async function requireSelf(): Promise<{ ok: true; user: CurrentUser } | Refusal> {
  const sameOrigin = await requireSameOrigin();
  const result = sameOrigin.ok ? await requireUser() : sameOrigin;
  if (!result.ok) await recordRefusal(database(), result, null);
  return result;
}
