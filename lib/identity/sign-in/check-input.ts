import { MAX_PASSWORD_LENGTH, PASSWORD_TOO_LONG } from '#lib/identity/passwords/limits.ts';
import { MAX_TYPED_LENGTH } from '#lib/platform/user-input/characters.ts';
import { checkLookupEmail, EMAIL_TOO_LONG, normalizeEmail } from '#lib/platform/user-input/email.ts';

export const EMAIL_REQUIRED = 'Enter your email address.';

export type SignInInput = { email: string; password: string };

/** Returns the error of a password that was typed to sign in; undefined if there is none. */
export function checkTypedPassword(password: string): string | undefined {
  if (password === '') return 'Enter your password.';
  return password.length > MAX_PASSWORD_LENGTH ? PASSWORD_TOO_LONG : undefined;
}

/**
 * Returns the errors of what was typed to sign in, by field. Does not need Zod, so that the page to sign in loads fast. The
 * server validates the same with `signInSchema`.
 */
export function checkSignInInput({ email, password }: SignInInput): {
  [Field in keyof SignInInput]: string | undefined;
} {
  return {
    email:
      email.length > MAX_TYPED_LENGTH
        ? EMAIL_TOO_LONG
        : checkLookupEmail(normalizeEmail(email), EMAIL_REQUIRED),
    password: checkTypedPassword(password),
  };
}
