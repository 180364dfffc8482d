import { headers } from 'next/headers';
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
import { recordRefusal } from './record-refusal.ts';
import { currentUser, currentUserForPolling } from './session.ts';

export type { Administrator, Refusal, Viewer } from '#lib/platform/authorization/roles.ts';

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
  const message = `Nothing was changed: this request did not come from a page of ${publicUrl}. Open that address and try again there.`;
  return { ok: false, reason: 'foreign_request', message };
}

/**
 * Requires that local authentication is enabled. For actions that accept or set a password, a passkey or a code, which are
 * useless if single sign-on is the only sign-in method.
 */
export function requireLocalAuth(): { ok: true } | Refusal {
  const { passwordSignIn, singleSignOn } = settings();
  if (passwordSignIn) return { ok: true };
  const message = `Passwords, passkeys and codes are switched off here: everybody signs in with ${singleSignOn?.name}.`;
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
