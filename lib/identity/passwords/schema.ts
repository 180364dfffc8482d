import { z } from 'zod';
import { signInSchema } from '#lib/identity/sign-in/schema.ts';
import { nameSchema } from '#lib/identity/users/schema.ts';
import { MAX_PASSWORD_LENGTH } from './limits.ts';

/**
 * How many characters a password has at least, alone and beside a second factor (NIST SP 800-63B-4, 3.1.1.2). Nothing is
 * asked about which characters these are.
 */
export const LEAST_ALONE = 15;
const LEAST_BESIDE_FACTOR = 8;

/** Why a password is not taken. `least`: how many characters this person's has at least. */
export type PasswordRefused =
  | { ok: false; reason: 'short'; least: number }
  /** It is one of the commonest, one of those over and over, or a run along the keyboard. */
  | { ok: false; reason: 'common' }
  /** It is no more than names and addresses that anybody would try. */
  | { ok: false; reason: 'about_you' };

/** How many characters the password of somebody has at least. */
export function leastLength({ hasFactor }: { hasFactor: boolean }): number {
  return hasFactor ? LEAST_BESIDE_FACTOR : LEAST_ALONE;
}

/** How long a password is. Unicode code points count, not bytes. */
export function countCharacters(password: string): number {
  return [...password].length;
}

/** Whether a password is long enough for somebody without a second factor. */
export function standsAlone(password: string): boolean {
  return countCharacters(password) >= LEAST_ALONE;
}

// A longer one could not be entered at sign-in.
const anyPassword = z
  .string()
  .max(MAX_PASSWORD_LENGTH, { error: `A password has at most ${MAX_PASSWORD_LENGTH} characters.` });
const newPassword = anyPassword.min(1, { error: 'Choose a password.' });
/** Where somebody accepts an invitation and gives no name. */
export const NAMELESS = 'Enter your name.';
/** The longest token that is looked at; ours have 64 characters. */
const token = z.string().max(200);

export const changePasswordSchema = z.object({
  present: anyPassword.min(1, { error: 'Enter your present password.' }),
  password: newPassword,
});
export const userLinkSchema = z.object({ token });
export const followUserLinkSchema = z.object({
  token,
  /** Asked for at an invitation. */
  name: nameSchema.refine((name) => name !== '', { error: NAMELESS }).optional(),
  password: newPassword,
});
export const requestResetSchema = signInSchema.pick({ email: true });

/** What is asked of a new password, in a sentence. */
export function describeLeast(least: number): string {
  return `At least ${least} characters. Several words are easier to remember than signs and digits.`;
}

/** Why a password is not taken, and what to do. */
export function describePasswordRefused(refused: PasswordRefused): string {
  switch (refused.reason) {
    case 'short':
      return `Your password needs at least ${refused.least} characters. Add some, such as one more word.`;
    case 'common':
      return 'This password is one of those that are tried first. Choose another one.';
    case 'about_you':
      return 'This is only a name or an email address, which is tried first. Choose another password.';
  }
}

/** What is wrong with a new password while it is typed; undefined where only the server can tell. */
export function describeTyped(password: string, least: number): string | undefined {
  const parsed = newPassword.safeParse(password);
  if (!parsed.success) return parsed.error.issues[0]?.message;
  const isShort = countCharacters(password) < least;
  return isShort ? describePasswordRefused({ ok: false, reason: 'short', least }) : undefined;
}
