/** What a person may do in the settings. Null in a `Person`: nothing. */
export type Role = 'settings_administrator' | 'settings_viewer';

export const ROLE_LABELS: Record<Role, string> = {
  settings_administrator: 'Settings Administrator',
  settings_viewer: 'Settings Viewer',
};

/** Who is signed in, as the database has it now. */
export type CurrentUser = {
  userId: string;
  sessionId: string;
  name: string;
  email: string;
  role: Role | null;
  /** The IP address that this request came from; for the audit log. */
  address: string;
  /** They proved who they are within the last 15 minutes, by the database's clock. */
  hasRecentAuth: boolean;
  /** This installation requires a second factor, and they have none: they can do nothing but set one up. */
  mfaSetupRequired: boolean;
};

declare const mayView: unique symbol;
declare const mayAdminister: unique symbol;

/** Someone whose role was read from the database and lets them see the settings. */
export type Viewer = CurrentUser & { readonly [mayView]: true };
/**
 * Someone whose role was read from the database and lets them change the settings. Every verb that changes
 * something asks for one, and only `brandAdministrator` makes one: code that forgot to ask does not compile.
 */
export type Administrator = Viewer & { readonly [mayAdminister]: true };

export function brandAdministrator(person: CurrentUser): Administrator | null {
  return person.role === 'settings_administrator' ? (person as Administrator) : null;
}

/** Administrators are viewers as well. */
export function brandViewer(person: CurrentUser): Viewer | null {
  return person.role === null ? null : (person as Viewer);
}

/** Why someone may not do what they asked for; `message` is for them and says what to do next. */
export type Refusal = {
  ok: false;
  reason: 'signed_out' | 'wrong_role' | 'foreign_request' | 'mfa_setup_required' | 'local_auth_disabled';
  message: string;
};

/** The person's last proof of who they are is too old for this: `lib/identity/mfa/reauthenticate.ts` takes a fresh one. */
export type ReauthenticationRequired = { ok: false; reason: 'reauthentication_required' };

/** The session of whoever asks has ended, or they may not sign in any more. */
export const SIGNED_OUT: Refusal = {
  ok: false,
  reason: 'signed_out',
  message:
    'Your session has ended. Sign in again in another tab, then save once more: what you typed is still here.',
};

const FACTOR_MISSING: Refusal = {
  ok: false,
  reason: 'mfa_setup_required',
  message:
    'Your organisation asks for a second factor when you sign in. Set one up under “Your account” first: a passkey or an authenticator app.',
};

/** Whether anybody is signed in. */
export function authorizeUser(person: CurrentUser | null): { ok: true; person: CurrentUser } | Refusal {
  return person ? { ok: true, person } : SIGNED_OUT;
}

/** Whether this person may change the settings. */
export function authorizeAdministrator(
  person: CurrentUser | null,
): { ok: true; administrator: Administrator } | Refusal {
  if (!person) return SIGNED_OUT;
  if (person.mfaSetupRequired) return FACTOR_MISSING;
  const administrator = brandAdministrator(person);
  if (administrator) return { ok: true, administrator };
  const message = `Nothing was changed: for this you need the role ${ROLE_LABELS.settings_administrator}. Someone who has it can give it to you.`;
  return { ok: false, reason: 'wrong_role', message };
}

/** Whether this person may see the settings, and whether change them too. */
export function authorizeViewer(
  person: CurrentUser | null,
): { ok: true; viewer: Viewer; administrator: Administrator | null } | Refusal {
  if (!person) return { ...SIGNED_OUT, message: 'You are not signed in. Sign in to see this page.' };
  if (person.mfaSetupRequired) return FACTOR_MISSING;
  const viewer = brandViewer(person);
  if (viewer) return { ok: true, viewer, administrator: brandAdministrator(person) };
  const { settings_viewer: toSee, settings_administrator: toChange } = ROLE_LABELS;
  const message = `To see this page you need the role ${toSee}, and to change anything the role ${toChange}. Ask a ${toChange} of your organisation for one of them. A new role signs you out: sign in again, and you have it.`;
  return { ok: false, reason: 'wrong_role', message };
}
