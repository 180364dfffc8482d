import { z } from 'zod';
import { signInSchema } from '#lib/identity/sign-in/schema.ts';
import { nameSchema } from '#lib/identity/users/schema.ts';
import { MAX_PASSWORD_LENGTH, PASSWORD_TOO_LONG } from './limits.ts';

/** Minimum length of a password without a second factor (NIST SP 800-63B-4, 3.1.1.2). */
const MIN_LENGTH_ALONE = 15;
/** Minimum length of a password with a second factor. */
const MIN_LENGTH_WITH_MFA = 8;

/** Why a new password is rejected. `minLength`: the minimum length for this user. */
export type PasswordRejection =
  | { ok: false; reason: 'too_short'; minLength: number }
  /** It is one of the most common passwords, a variation of one, or a run along the keyboard. */
  | { ok: false; reason: 'too_common' }
  /** It consists only of terms that an attacker tries first: names, the email address and “Stagedoor”. */
  | { ok: false; reason: 'personal_terms' };

/** Returns the minimum length of a user's password. */
export function getMinPasswordLength({ hasFactor }: { hasFactor: boolean }): number {
  return hasFactor ? MIN_LENGTH_WITH_MFA : MIN_LENGTH_ALONE;
}

/** Counts Unicode code points. */
export function countCharacters(password: string): number {
  return [...password].length;
}

/** Returns whether a password is long enough without a second factor. */
export function allowsSingleFactor(password: string): boolean {
  return countCharacters(password) >= MIN_LENGTH_ALONE;
}

// `signInSchema` has the same maximum.
const anyPassword = z.string().max(MAX_PASSWORD_LENGTH, { error: PASSWORD_TOO_LONG });
const newPassword = anyPassword.min(1, { error: 'Enter a new password.' });
/** Error for an invitation without a name. */
export const NAME_REQUIRED = 'Enter your name.';
/** Error if too many requests are waiting for a password hash. */
export const SERVER_BUSY = 'The server is busy and nothing was changed. Try again in a moment.';
/** Our tokens are shorter. This only limits the size of the input. */
const token = z.string().max(200);

export const changePasswordSchema = z.object({
  current: anyPassword.min(1, { error: 'Enter your current password.' }),
  password: newPassword,
});
export const emailLinkSchema = z.object({ token });
export const followEmailLinkSchema = z.object({
  token,
  /** Required for an invitation. */
  name: nameSchema.refine((name) => name !== '', { error: NAME_REQUIRED }).optional(),
  password: newPassword,
});
export const requestResetSchema = signInSchema.pick({ email: true });

/** Returns the hint at the field for a new password. */
export function describePasswordRequirement(minLength: number): string {
  return `At least ${minLength} characters. A few random words are easiest to remember.`;
}

/** Returns the error for a rejected password: what is wrong, and what to do. */
export function describePasswordRejection(rejection: PasswordRejection): string {
  switch (rejection.reason) {
    case 'too_short':
      return `Use at least ${rejection.minLength} characters. Try adding another word.`;
    case 'too_common':
      return 'This password is too common. Choose another.';
    case 'personal_terms':
      return 'This is too close to your name, your email address or your organisation’s name. Choose another password.';
  }
}

/**
 * Returns the error for a new password that the browser can find; undefined if there is none. The server checks the rest.
 */
export function describeTypedPassword(password: string, minLength: number): string | undefined {
  const parsed = newPassword.safeParse(password);
  if (!parsed.success) return parsed.error.issues[0]?.message;
  const isShort = countCharacters(password) < minLength;
  return isShort ? describePasswordRejection({ ok: false, reason: 'too_short', minLength }) : undefined;
}
