import { type SsoError, ssoErrorSchema } from '#lib/identity/sso/schema.ts';

type SessionState = {
  /** Null if no user is signed in. */
  hasRecentAuth: boolean | null;
  /** Whether this browser was signed out because the user's role at the provider changed. */
  roleChanged: boolean;
};

/**
 * Returns why re-authentication at the provider failed; null: it succeeded. An attacker can craft a link with any
 * `failed`, so a changed role also requires `roleChanged`.
 */
export function failureReason(
  failed: string | string[] | undefined,
  { hasRecentAuth, roleChanged }: SessionState,
): SsoError | 'signed_out' | null {
  if (hasRecentAuth === null) return failed === 'role_changed' && roleChanged ? 'role_changed' : 'signed_out';
  if (failed !== undefined && failed !== 'role_changed')
    return ssoErrorSchema.safeParse(failed).data ?? 'failed';
  return hasRecentAuth ? null : 'not_fresh';
}
