import { type SsoError, ssoErrorSchema } from '#lib/identity/sso/schema.ts';

type Known = {
  /** Whether whoever is signed in has proven who they are; null: nobody is. */
  hasRecentAuth: boolean | null;
  /** Whether this browser came from the provider with another role, and was signed out by it. */
  roleChanged: boolean;
};

/**
 * Why nothing was confirmed, as somebody is told who comes back from the provider; null: it was. `signed_out`: there is
 * nothing to tell. Anybody can write a link with `failed` in it, so that a role changed is believed of nobody by that.
 */
export function failureReason(
  failed: string | string[] | undefined,
  { hasRecentAuth, roleChanged }: Known,
): SsoError | 'signed_out' | null {
  if (hasRecentAuth === null) return failed === 'role_changed' && roleChanged ? 'role_changed' : 'signed_out';
  if (failed !== undefined && failed !== 'role_changed')
    return ssoErrorSchema.safeParse(failed).data ?? 'failed';
  return hasRecentAuth ? null : 'not_fresh';
}
