/** What a user may do in the settings. A `CurrentUser` whose role is null may only open “Your account”. */
export type Role = 'settings_administrator' | 'settings_viewer';

export const ROLE_LABELS: Record<Role, string> = {
  settings_administrator: 'Settings Administrator',
  settings_viewer: 'Settings Viewer',
};

/** The signed-in user, as just read from the database. */
export type CurrentUser = {
  userId: string;
  sessionId: string;
  name: string;
  email: string;
  role: Role | null;
  /** The IP address of this request, for the audit log. */
  ipAddress: string;
  /** Whether the user authenticated within the last 15 minutes, by the database's clock. */
  hasRecentAuth: boolean;
  /** Whether the user must set up a second factor before they can do anything else. */
  isMfaSetupRequired: boolean;
};

declare const mayView: unique symbol;
declare const mayAdminister: unique symbol;

/** A user whose role was read from the database and allows viewing the settings. */
export type Viewer = CurrentUser & { readonly [mayView]: true };
/**
 * A user whose role was read from the database and allows changing the settings. Every use case that changes
 * settings takes one as an argument, and only `brandAdministrator` creates one, so code without the check does not
 * compile.
 */
export type Administrator = Viewer & { readonly [mayAdminister]: true };

/** Returns the user as an administrator; null if their role does not allow changing the settings. */
export function brandAdministrator(user: CurrentUser): Administrator | null {
  return user.role === 'settings_administrator' ? (user as Administrator) : null;
}

/** Returns the user as a viewer; null if they have no role. Administrators are viewers too. */
export function brandViewer(user: CurrentUser): Viewer | null {
  return user.role === null ? null : (user as Viewer);
}

/** Why a request was refused. `message` tells the user what to do next. */
export type Refusal = {
  ok: false;
  reason: 'signed_out' | 'wrong_role' | 'foreign_request' | 'mfa_setup_required' | 'local_auth_disabled';
  message: string;
};

/** The user's last authentication is too old for this action (see `lib/identity/mfa/reauthenticate.ts`). */
export type ReauthenticationRequired = { ok: false; reason: 'reauthentication_required' };

export const REAUTHENTICATION_REQUIRED: ReauthenticationRequired = {
  ok: false,
  reason: 'reauthentication_required',
};

/** The refusal of a request without a session, or whose user may no longer sign in. */
export const SIGNED_OUT: Refusal = {
  ok: false,
  reason: 'signed_out',
  message:
    'You’ve been signed out. Sign in again in another tab, then try again here: nothing you typed is lost.',
};

const MFA_SETUP_REQUIRED: Refusal = {
  ok: false,
  reason: 'mfa_setup_required',
  message:
    'Your organisation requires two-step sign-in. Set it up in “Your account” first: add a passkey or an authenticator app.',
};

/** Requires a signed-in user, even one without a role or who must still set up a second factor. */
export function authorizeUser(user: CurrentUser | null): { ok: true; user: CurrentUser } | Refusal {
  return user ? { ok: true, user } : SIGNED_OUT;
}

/** Requires a user who may change the settings. */
export function authorizeAdministrator(
  user: CurrentUser | null,
): { ok: true; administrator: Administrator } | Refusal {
  if (!user) return SIGNED_OUT;
  if (user.isMfaSetupRequired) return MFA_SETUP_REQUIRED;
  const administrator = brandAdministrator(user);
  if (administrator) return { ok: true, administrator };
  const message = `Nothing was changed. Only a ${ROLE_LABELS.settings_administrator} can do this.`;
  return { ok: false, reason: 'wrong_role', message };
}

/** Requires a user who may view the settings, and returns whether they may also change them. */
export function authorizeViewer(
  user: CurrentUser | null,
): { ok: true; viewer: Viewer; administrator: Administrator | null } | Refusal {
  if (!user) return { ...SIGNED_OUT, message: 'Sign in to see this page.' };
  if (user.isMfaSetupRequired) return MFA_SETUP_REQUIRED;
  const viewer = brandViewer(user);
  if (viewer) return { ok: true, viewer, administrator: brandAdministrator(user) };
  const { settings_viewer: viewerRole, settings_administrator: administratorRole } = ROLE_LABELS;
  const message = `Ask a ${administratorRole} to give you the ${viewerRole} role (or ${administratorRole} to make changes), then sign in again.`;
  return { ok: false, reason: 'wrong_role', message };
}
