import { parseSsoError, type SsoError } from '#lib/identity/sso/errors.ts';

type SessionState = {
  /** Null if no user is signed in. */
  hasRecentAuth: boolean | null;
  /** Whether this browser was signed out because the user's role at the provider changed. */
  isRoleChanged: boolean;
};

/**
 * Returns why re-authentication at the provider failed; null if it succeeded. An attacker can craft a link with any
 * `failed`, so `role_changed` also requires `isRoleChanged`.
 */
export function getFailureReason(
  failed: string | string[] | undefined,
  { hasRecentAuth, isRoleChanged }: SessionState,
): SsoError | 'signed_out' | null {
  if (hasRecentAuth === null)
    return failed === 'role_changed' && isRoleChanged ? 'role_changed' : 'signed_out';
  if (failed !== undefined && failed !== 'role_changed') return parseSsoError(failed) ?? 'failed';
  return hasRecentAuth ? null : 'stale_authentication';
}
