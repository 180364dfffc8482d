'use client';
import { useState } from 'react';
import { signWithPasskey } from '#app/passkeys.ts';
import { describeSignInError, type SignInError } from '#lib/identity/sign-in/schema.ts';
import { startPasskeySignIn } from './actions.ts';
import { trySignIn } from './try-sign-in.ts';

type Failure = { message: string; error: SignInError | null };

const toFailure = (error: SignInError): Failure => ({ message: describeSignInError(error), error });

async function signIn(step: 'alone' | 'second'): Promise<Failure | null> {
  const started = await startPasskeySignIn({ step }).catch(() => null);
  if (!started) return toFailure({ reason: 'unavailable' });
  if (!started.ok) {
    if (started.reason === 'expired') return toFailure({ reason: 'expired' });
    if (started.reason !== 'throttled') return { message: started.message, error: null };
    return toFailure({ reason: 'throttled', seconds: started.retryAfterSeconds });
  }
  const signed = await signWithPasskey(started.options);
  if (!signed.ok) return { message: signed.message, error: null };
  const input = { challengeId: started.challengeId, response: signed.response };
  const error =
    step === 'alone'
      ? await trySignIn({ provider: 'passkey', input })
      : await trySignIn({ provider: 'second-step', input: { kind: 'passkey', ...input } });
  return error && toFailure(error);
}

/** Signs in with a passkey: alone, or as the second step. */
export function usePasskey(
  step: 'alone' | 'second',
  { onSignedIn, onFailed }: { onSignedIn: () => void; onFailed: (failure: Failure) => void },
) {
  const [pending, setPending] = useState(false);
  async function use() {
    setPending(true);
    const failure = await signIn(step);
    setPending(false);
    if (failure) onFailed(failure);
    else onSignedIn();
  }
  return { use, pending };
}
