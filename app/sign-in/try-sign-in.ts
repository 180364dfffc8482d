import type { SecondStep, SignedAssertion } from '#lib/identity/mfa/schema.ts';
import { parseSignInError, type SignInError } from '#lib/identity/sign-in/errors.ts';
import { callNextAuth } from './call-next-auth.ts';

type SignInAttempt =
  | { provider: 'credentials'; email: string; password: string }
  | { provider: 'second-step'; input: SecondStep }
  | { provider: 'passkey'; input: SignedAssertion };

/** Returns the form fields that `authorize` of next-auth's providers parses. */
function toFormFields(attempt: SignInAttempt): Record<string, string> {
  if (attempt.provider === 'credentials') return { email: attempt.email, password: attempt.password };
  return { input: JSON.stringify(attempt.input) };
}

/** Tries to sign in with next-auth. Returns null on success, otherwise why it failed or that a second step follows. */
export async function trySignIn(attempt: SignInAttempt): Promise<SignInError | null> {
  try {
    const { ok, url } = await callNextAuth(`callback/${attempt.provider}`, toFormFields(attempt));
    const error = url.searchParams.get('error');
    return ok && !error ? null : parseSignInError(error);
  } catch {
    // The request failed. The browser's console shows the cause.
    return { reason: 'unavailable' };
  }
}
