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

/** Whether this request was made by one of our own pages. Public actions ask this; `requireAdministrator` does it too. */
export async function requireSameOrigin(): Promise<{ ok: true } | Refusal> {
  const sent = await headers();
  const { publicUrl } = settings();
  const origin = checkOrigin(
    { secFetchSite: sent.get('sec-fetch-site'), origin: sent.get('origin'), host: sent.get('host') },
    publicUrl,
  );
  if (origin === 'own') return { ok: true };
  const message = `Nothing was changed: this request did not come from a page of ${publicUrl}. Open that address and try again there.`;
  return { ok: false, reason: 'foreign_request', message };
}

/**
 * For what takes or sets a password, a passkey or a code: this installation has them. Where single sign-on is the only
 * way in, they lead nowhere.
 */
export function requireLocalAuth(): { ok: true } | Refusal {
  const { passwordSignIn, singleSignOn } = settings();
  if (passwordSignIn) return { ok: true };
  const message = `Passwords, passkeys and codes are switched off here: everybody signs in with ${singleSignOn?.name}.`;
  return { ok: false, reason: 'local_auth_disabled', message };
}

/**
 * For every action that changes something: the request is our own page's, and its sender is an administrator now.
 * Who is not is told of (`record-refusal.ts`).
 * @param requested the asking action's own name, for the record: never what a browser said
 */
export async function requireAdministrator(
  requested?: string,
): Promise<{ ok: true; administrator: Administrator } | Refusal> {
  const sameOrigin = await requireSameOrigin();
  const person = sameOrigin.ok ? await currentUser() : null;
  const asked = sameOrigin.ok ? authorizeAdministrator(person) : sameOrigin;
  if (!asked.ok) await recordRefusal(database(), { ...asked, requested }, person);
  return asked;
}

/** The same for what a page of an administrator asks by itself again and again: it does not keep the session alive. */
export async function requireAdministratorForPolling(): Promise<
  { ok: true; administrator: Administrator } | Refusal
> {
  const sameOrigin = await requireSameOrigin();
  const person = sameOrigin.ok ? await currentUserForPolling() : null;
  const asked = sameOrigin.ok ? authorizeAdministrator(person) : sameOrigin;
  if (!asked.ok) await recordRefusal(database(), asked, person);
  return asked;
}

/** For every page of the settings: its reader may see them now. */
export async function requireViewer(): Promise<
  { ok: true; viewer: Viewer; administrator: Administrator | null } | Refusal
> {
  return authorizeViewer(await currentUser());
}

/** For a page that is each person's own: its reader is signed in, whatever their role. */
export async function requireUser(): Promise<{ ok: true; person: CurrentUser } | Refusal> {
  return authorizeUser(await currentUser());
}

/** For what each person does for themselves: the request is our own page's, and its sender is signed in. */
export async function requireSelf(): Promise<{ ok: true; person: CurrentUser } | Refusal> {
  const sameOrigin = await requireSameOrigin();
  const asked = sameOrigin.ok ? await requireUser() : sameOrigin;
  if (!asked.ok) await recordRefusal(database(), asked, null);
  return asked;
}
