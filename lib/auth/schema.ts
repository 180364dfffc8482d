import { z } from 'zod';

/** What is typed to sign in; for the form and for the server. */
export const signInSchema = z.object({
  email: z.string().trim().min(1, { error: 'Enter your email address.' }).max(254, {
    error: 'An email address has at most 254 characters.',
  }),
  password: z.string().min(1, { error: 'Enter your password.' }).max(256, {
    error: 'A password has at most 256 characters.',
  }),
});

export type SignInInput = z.infer<typeof signInSchema>;

/** Why a sign-in failed, as the browser is told. */
export type SignInError =
  | { reason: 'wrong' }
  | { reason: 'throttled'; seconds: number }
  | { reason: 'stale' }
  | { reason: 'unavailable' };

/** The form of a `SignInError` that fits next-auth's `error`: `wrong`, `throttled:90`, `stale`, `unavailable`. */
export function formatSignInError(error: SignInError): string {
  return error.reason === 'throttled' ? `throttled:${error.seconds}` : error.reason;
}

/** Reads what `signIn('credentials', …)` of next-auth/react gives as `error`; anything unknown is `unavailable`. */
export function parseSignInError(code: string | null | undefined): SignInError {
  if (code === 'wrong' || code === 'stale') return { reason: code };
  const seconds = /^throttled:(\d{1,6})$/.exec(code ?? '')?.[1];
  return seconds ? { reason: 'throttled', seconds: Number(seconds) } : { reason: 'unavailable' };
}

function waitInWords(seconds: number): string {
  if (seconds <= 90) return `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

/** A sentence or two for the person who tried: what is the matter, and what to do next. */
export function describeSignInError(error: SignInError): string {
  switch (error.reason) {
    case 'wrong':
      return 'The email address or the password is not right. Check both and try again.';
    case 'throttled':
      return `There have been too many attempts. Wait ${waitInWords(error.seconds)}, then try again.`;
    case 'stale':
      return 'This page was open for too long, or cookies are switched off. Reload the page and sign in again.';
    case 'unavailable':
      return 'You cannot sign in at the moment. Nothing is wrong with your password; try again in a minute.';
  }
}
