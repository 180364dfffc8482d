import { cookies, headers } from 'next/headers';
import { cache } from 'react';
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
import { getCookieSettings } from './cookies.ts';
import { recordRefusal } from './record-refusal.ts';
import { decodeSessionId } from './session-id.ts';
import { signOut } from './sign-out.ts';
import type { ClientInfo } from './start-session.ts';
import { readSession, touchSession } from './touch-session.ts';

export type { Administrator, CurrentUser, Refusal, Viewer } from '#lib/platform/authorization/roles.ts';

/** Returns the id of the session in this request's cookie, which may have ended; null if there is no valid cookie. */
export async function readSessionId(): Promise<string | null> {
  return decodeSessionId((await cookies()).get(getCookieSettings().session)?.value);
}

/**
 * Returns the user who makes this request and marks the session as seen; null if the session is missing, ended, idle for
 * 30 minutes or 12 hours old, or if the user may no longer sign in. React caches the result for the rest of the request.
 * @throws if the database cannot be queried; the caller must then refuse the request
 */
export const getCurrentUser: () => Promise<CurrentUser | null> = cache(async () => {
  const sessionId = await readSessionId();
  return sessionId ? touchSession(database(), sessionId, await readClientIpAddress()) : null;
});

/**
 * Returns the user who makes this request without marking the session as seen, because polling, for example, must not
 * keep it active.
 * @throws if the database cannot be queried; the caller must then refuse the request
 */
export async function peekCurrentUser(): Promise<CurrentUser | null> {
  const sessionId = await readSessionId();
  return sessionId ? readSession(database(), sessionId, await readClientIpAddress()) : null;
}

/** Ends a session, and records the sign-out with the client's IP address. */
export async function endSession(sessionId: string): Promise<void> {
  await signOut(database(), sessionId, await readClientIpAddress());
}

/**
 * Returns the client's IP address, for rate limits and the audit log.
 * `lib/platform/http/web-server.ts` sets the header and overwrites what the client sent.
 */
export async function readClientIpAddress(): Promise<string> {
  return (await headers()).get('x-stagedoor-address') ?? 'unknown';
}

/** Returns what a sign-in records about the client that makes this request. */
export async function readClientInfo(): Promise<ClientInfo> {
  return {
    ipAddress: await readClientIpAddress(),
    userAgent: (await headers()).get('user-agent'),
    previousSessionId: await readSessionId(),
  };
}

/**
 * Requires that one of our own pages sent this request. For public actions: `requireAdministrator` and `requireSelf`
 * include it.
 */
export async function requireSameOrigin(): Promise<{ ok: true } | Refusal> {
  const requestHeaders = await headers();
  const { publicUrl } = settings();
  const origin = checkOrigin(
    {
      secFetchSite: requestHeaders.get('sec-fetch-site'),
      origin: requestHeaders.get('origin'),
      host: requestHeaders.get('host'),
    },
    publicUrl,
  );
  if (origin === 'own') return { ok: true };
  const message = `Nothing was changed. Open ${publicUrl} and try again from there.`;
  return { ok: false, reason: 'foreign_request', message };
}

/**
 * Requires that local authentication is enabled. For actions that accept or set a password, a passkey or a code: if
 * single sign-on is the only sign-in method, they must do nothing.
 */
export function requireLocalAuth(): { ok: true } | Refusal {
  const { isLocalAuthEnabled, singleSignOn } = settings();
  if (isLocalAuthEnabled) return { ok: true };
  const message = `Passwords, passkeys and codes aren’t used here. Sign in with ${singleSignOn?.name}.`;
  return { ok: false, reason: 'local_auth_disabled', message };
}

/**
 * Requires an administrator and a request from one of our own pages. For every action that only administrators
 * may use. Logs each refusal, and records it in the audit log if a signed-in user lacks the role.
 * @param requested the action's name, for the audit log; never text from a browser
 */
export async function requireAdministrator(
  requested?: string,
): Promise<{ ok: true; administrator: Administrator } | Refusal> {
  const sameOrigin = await requireSameOrigin();
  const user = sameOrigin.ok ? await getCurrentUser() : null;
  const result = sameOrigin.ok ? authorizeAdministrator(user) : sameOrigin;
  if (!result.ok) await recordRefusal(database(), { ...result, requested }, user);
  return result;
}

/** Requires an administrator, as `requireAdministrator` does, but does not mark the session as seen. For polling. */
export async function requireAdministratorForPolling(): Promise<
  { ok: true; administrator: Administrator } | Refusal
> {
  const sameOrigin = await requireSameOrigin();
  const user = sameOrigin.ok ? await peekCurrentUser() : null;
  const result = sameOrigin.ok ? authorizeAdministrator(user) : sameOrigin;
  if (!result.ok) await recordRefusal(database(), result, user);
  return result;
}

/** Requires a viewer or an administrator. For every settings page except “Your account”, which any user may open. */
export async function requireViewer(): Promise<
  { ok: true; viewer: Viewer; administrator: Administrator | null } | Refusal
> {
  return authorizeViewer(await getCurrentUser());
}

/** Requires a signed-in user, even one without a role. For pages about the user's own account. */
export async function requireUser(): Promise<{ ok: true; user: CurrentUser } | Refusal> {
  return authorizeUser(await getCurrentUser());
}

/**
 * Requires a signed-in user, even one without a role, and a request from one of our own pages. For actions on the
 * user's own account.
 */
export async function requireSelf(): Promise<{ ok: true; user: CurrentUser } | Refusal> {
  const sameOrigin = await requireSameOrigin();
  const result = sameOrigin.ok ? await requireUser() : sameOrigin;
  if (!result.ok) await recordRefusal(database(), result, null);
  return result;
}
