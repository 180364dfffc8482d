import { signIn } from 'next-auth/react';
import type { SecondStep, Signed } from '#lib/identity/mfa/schema.ts';
import { parseSignInError, type SignInError } from '#lib/identity/sign-in/schema.ts';

type Attempt =
  | { by: 'credentials'; email: string; password: string }
  | { by: 'second-step'; answer: SecondStep }
  | { by: 'passkey'; answer: Signed };

function fieldsOf(attempt: Attempt): Record<string, string> {
  if (attempt.by === 'credentials') return { email: attempt.email, password: attempt.password };
  return { answer: JSON.stringify(attempt.answer) };
}

/** Tries once. Null: signed in. Otherwise why not, or what comes next. */
export async function trySignIn(attempt: Attempt): Promise<SignInError | null> {
  try {
    const result = await signIn(attempt.by, { ...fieldsOf(attempt), redirect: false });
    return result?.ok && !result.error ? null : parseSignInError(result?.error);
  } catch {
    // The connection was lost; the browser's console has the cause.
    return { reason: 'unavailable' };
  }
}
