import { describeRateLimit } from '#lib/platform/rate-limiter/format.ts';

/** Period of the rate limits on single sign-on. */
export const SSO_LIMIT_SECONDS = 10 * 60;

/** The claims without which a sign-in or a re-authentication fails. The settings name the claim for roles. */
export const REQUIRED_CLAIMS = [
  'iss',
  'sub',
  'aud',
  'azp',
  'exp',
  'iat',
  'nonce',
  'auth_time',
  'email',
  'email_verified',
  'acct',
] as const;

type RequiredClaim = (typeof REQUIRED_CLAIMS)[number];
type MissingClaimError = `missing_${RequiredClaim}`;

const MISSING_CLAIM_ERRORS = REQUIRED_CLAIMS.map((claim): MissingClaimError => `missing_${claim}`);

/** Why a sign-in or a re-authentication at the provider can fail. */
export const SSO_ERRORS = [
  'unknown',
  'no_email',
  'invalid_email',
  'missing_role_claim',
  ...MISSING_CLAIM_ERRORS,
  'unsupported_algorithm',
  'email_linked_elsewhere',
  'inactive',
  'wrong_organisation',
  'wrong_account',
  'stale_authentication',
  'second_factor_required',
  'role_changed',
  'failed',
  'expired',
  'rate_limited',
  'unavailable',
] as const;

export type SsoError = (typeof SSO_ERRORS)[number];

/** Returns the error of this name; undefined if there is none. */
export const parseSsoError = (name: unknown): SsoError | undefined =>
  SSO_ERRORS.find((error) => error === name);

const isMissingClaimError = (reason: SsoError): reason is MissingClaimError =>
  MISSING_CLAIM_ERRORS.some((error) => error === reason);

/**
 * Returns the message for the user: what happened, and what to do.
 * @param roleClaim the claim that the settings map to roles
 */
export function describeSsoError(
  reason: SsoError,
  provider: string,
  roleClaim: string | undefined = undefined,
): string {
  if (isMissingClaimError(reason)) {
    const claim = reason.replace('missing_', '');
    return `${provider} didn’t send the claim “${claim}”. Ask your IT team to add it to the ID token.`;
  }
  switch (reason) {
    case 'unknown':
      return `You don’t have access yet. Ask a Settings Administrator to invite you using your ${provider} email address.`;
    case 'no_email':
      return `${provider} hasn’t verified your email address. Ask your IT team to verify it.`;
    case 'invalid_email':
      return `The email address that ${provider} sent isn’t valid. Ask your IT team to correct the claim “email”.`;
    case 'missing_role_claim':
      return `You don’t have access yet: ${provider} didn’t send the claim with your role${roleClaim ? `, “${roleClaim}”` : ''}. Ask your IT team to check it, or a Settings Administrator to invite you.`;
    case 'unsupported_algorithm':
      return `${provider} signs ID tokens with an algorithm that isn’t accepted here. Ask your IT team to set this application’s ID token signing algorithm (id_token_signed_response_alg) to RS256.`;
    case 'email_linked_elsewhere':
      return `Your email address is linked to a different ${provider} account. Use that one, or ask a Settings Administrator.`;
    case 'inactive':
      return 'Your access has been turned off. Ask a Settings Administrator to turn it back on.';
    case 'wrong_organisation':
      return 'That isn’t a work account for this organisation. Try again with your work account.';
    case 'wrong_account':
      return `That isn’t the ${provider} account you use here. Use the right one, or sign out first.`;
    case 'stale_authentication':
      return `${provider} didn’t confirm that you signed in just now. Try again. If it keeps happening, tell your IT team the ID token needs auth_time.`;
    case 'second_factor_required':
      return `${provider} can’t check that it’s you. Use your passkey or authenticator app instead.`;
    case 'role_changed':
      return `Your role in ${provider} has changed, so you’ve been signed out. Sign in again.`;
    case 'failed':
      return `Sign-in with ${provider} failed. Try again. If it keeps happening, tell a Settings Administrator.`;
    case 'expired':
      return 'This sign-in expired, or was started in another browser. Try again.';
    case 'rate_limited':
      return describeRateLimit(SSO_LIMIT_SECONDS);
    case 'unavailable':
      return 'Sign-in isn’t available right now. Try again in a minute.';
  }
}
