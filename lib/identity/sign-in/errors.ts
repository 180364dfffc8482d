import type { SecondFactor } from '#lib/identity/mfa/schema.ts';
import { describeRateLimit } from '#lib/platform/rate-limiter/format.ts';

/** Why a sign-in failed or is incomplete, as sent to the browser. */
export type SignInError =
  | { reason: 'wrong_credentials' }
  /** The password was correct, and the user has to use one of these factors next. */
  | { reason: 'second_factor'; factors: SecondFactor[] }
  /** The code is incomplete. */
  | { reason: 'malformed' }
  | { reason: 'wrong_factor'; attemptsLeft: number }
  /** The second step has expired, or has no attempts left. */
  | { reason: 'expired' }
  | { reason: 'wrong_passkey' }
  | { reason: 'rate_limited'; seconds: number }
  /**
   * The request came from another site, or next-auth rejected its CSRF token: the page is old, or cookies are blocked.
   */
  | { reason: 'stale' }
  | { reason: 'unavailable' };

const REASONS_WITHOUT_VALUE = [
  'wrong_credentials',
  'malformed',
  'expired',
  'wrong_passkey',
  'stale',
  'unavailable',
] as const;
const FACTORS: readonly string[] = ['passkey', 'totp', 'recovery'] satisfies SecondFactor[];

/** Formats an error for next-auth's `error`: `wrong_credentials`, `rate_limited:90`, `second_factor:passkey,totp`. */
export function formatSignInError(error: SignInError): string {
  switch (error.reason) {
    case 'rate_limited':
      return `rate_limited:${error.seconds}`;
    case 'wrong_factor':
      return `wrong_factor:${error.attemptsLeft}`;
    case 'second_factor':
      return `second_factor:${error.factors.join(',')}`;
    default:
      return error.reason;
  }
}

/** Parses the `error` in the URL that next-auth returns; anything unknown is `unavailable`. */
export function parseSignInError(code: string | null | undefined): SignInError {
  const plain = REASONS_WITHOUT_VALUE.find((reason) => reason === code);
  if (plain) return { reason: plain };
  const [, reason, value = ''] =
    /^(rate_limited|wrong_factor|second_factor):([\w,]{1,40})$/.exec(code ?? '') ?? [];
  if (reason === 'second_factor') {
    const factors = value.split(',').filter((factor) => FACTORS.includes(factor)) as SecondFactor[];
    return factors.length > 0 ? { reason, factors } : { reason: 'unavailable' };
  }
  if (!/^\d{1,6}$/.test(value)) return { reason: 'unavailable' };
  if (reason === 'rate_limited') return { reason, seconds: Number(value) };
  return { reason: 'wrong_factor', attemptsLeft: Number(value) };
}

/** Returns the message for the user: what happened, and what to do. */
export function describeSignInError(error: SignInError): string {
  switch (error.reason) {
    case 'wrong_credentials':
      return 'That email address or password isn’t right. Check both and try again.';
    case 'second_factor':
      return 'One more step: confirm it’s you.';
    case 'malformed':
      return 'That code is incomplete. Enter all of it.';
    case 'wrong_factor':
      return `That isn’t right, or has already been used. You have ${error.attemptsLeft} ${error.attemptsLeft === 1 ? 'try' : 'tries'} left.`;
    case 'expired':
      return 'You ran out of time or tries. Enter your password again.';
    case 'wrong_passkey':
      return 'We don’t recognise this passkey; it may have been removed. Sign in with your password or another passkey.';
    case 'rate_limited':
      return describeRateLimit(error.seconds);
    case 'stale':
      return 'This page has expired, or your browser is blocking cookies. Reload it and sign in again.';
    case 'unavailable':
      return 'We couldn’t sign you in right now. This doesn’t mean that your password is wrong. Try again in a minute.';
  }
}
