import { z } from 'zod';
import type { SecondFactor } from '#lib/identity/mfa/schema.ts';
import { MAX_PASSWORD_LENGTH } from '#lib/identity/passwords/limits.ts';
import { formatWait } from '#lib/platform/rate-limiter/format.ts';

/** Validates the sign-in form, in the browser and on the server. */
export const signInSchema = z.object({
  email: z
    .string()
    .trim()
    .min(1, { error: 'Enter your email address.' })
    .max(254, { error: 'An email address has at most 254 characters.' })
    // PostgreSQL cannot store NUL or lone surrogates.
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, {
      error: 'The address has characters that cannot be shown. Type it anew instead of pasting it.',
    }),
  password: z
    .string()
    .min(1, { error: 'Enter your password.' })
    .max(MAX_PASSWORD_LENGTH, {
      error: `A password has at most ${MAX_PASSWORD_LENGTH} characters.`,
    }),
});

export type SignInInput = z.infer<typeof signInSchema>;

/** Why a sign-in failed or is incomplete, as sent to the browser. */
export type SignInError =
  | { reason: 'wrong' }
  /** The password was right, and one of these factors is required next. */
  | { reason: 'second_factor'; factors: SecondFactor[] }
  | { reason: 'malformed' }
  | { reason: 'wrong_factor'; attemptsLeft: number }
  | { reason: 'over' }
  | { reason: 'wrong_passkey' }
  | { reason: 'throttled'; seconds: number }
  | { reason: 'stale' }
  | { reason: 'unavailable' };

const REASONS_WITHOUT_VALUE = [
  'wrong',
  'malformed',
  'over',
  'wrong_passkey',
  'stale',
  'unavailable',
] as const;
const FACTORS: readonly string[] = ['passkey', 'totp', 'recovery'] satisfies SecondFactor[];

/** Formats an error for next-auth's `error`: `wrong`, `throttled:90`, `second_factor:passkey,totp`. */
export function formatSignInError(error: SignInError): string {
  switch (error.reason) {
    case 'throttled':
      return `throttled:${error.seconds}`;
    case 'wrong_factor':
      return `wrong_factor:${error.attemptsLeft}`;
    case 'second_factor':
      return `second_factor:${error.factors.join(',')}`;
    default:
      return error.reason;
  }
}

/** Parses the `error` that next-auth/react's `signIn` returns; anything unknown is `unavailable`. */
export function parseSignInError(code: string | null | undefined): SignInError {
  const plain = REASONS_WITHOUT_VALUE.find((reason) => reason === code);
  if (plain) return { reason: plain };
  const [, reason, value = ''] =
    /^(throttled|wrong_factor|second_factor):([\w,]{1,40})$/.exec(code ?? '') ?? [];
  if (reason === 'second_factor') {
    const factors = value.split(',').filter((factor) => FACTORS.includes(factor)) as SecondFactor[];
    return factors.length > 0 ? { reason, factors } : { reason: 'unavailable' };
  }
  if (!/^\d{1,6}$/.test(value)) return { reason: 'unavailable' };
  if (reason === 'throttled') return { reason, seconds: Number(value) };
  return { reason: 'wrong_factor', attemptsLeft: Number(value) };
}

/** Returns the message for the user: what happened, and what to do. */
export function describeSignInError(error: SignInError): string {
  switch (error.reason) {
    case 'wrong':
      return 'The email address or the password is not right. Check both and try again.';
    case 'second_factor':
      return 'Your password is right. One more thing is needed to sign you in.';
    case 'malformed':
      return 'That is not a code in full. Enter it as it is shown.';
    case 'wrong_factor':
      return `That was not right, or was used before. You have ${error.attemptsLeft} more ${error.attemptsLeft === 1 ? 'try' : 'tries'}; an app shows a new code every 30 seconds.`;
    case 'over':
      return 'This took too long, or there were too many wrong tries. Enter your password again.';
    case 'wrong_passkey':
      return 'This passkey is not known here: it may have been removed. Sign in with your password, or another passkey.';
    case 'throttled':
      return `There have been too many attempts. Wait ${formatWait(error.seconds)}, then try again.`;
    case 'stale':
      return 'This page was open for too long, or cookies are switched off. Reload the page and sign in again.';
    case 'unavailable':
      return 'You cannot sign in at the moment. Nothing is wrong with your password; try again in a minute.';
  }
}
