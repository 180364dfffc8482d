'use client';
import { useState } from 'react';
import { signWithPasskey } from '#app/passkeys.ts';
import { STAGEDOOR_UPDATED } from '#components/update-notice.tsx';
import { describeSignInError, type SignInError } from '#lib/identity/sign-in/errors.ts';
import { isOutdated } from '../request-errors.ts';
import { startPasskeySignIn } from './actions.ts';
import { trySignIn } from './try-sign-in.ts';

/** `error` is null if only `message` says what failed, for example because the user cancelled. */
type PasskeyFailure = { message: string; error: SignInError | null };

const toFailure = (error: SignInError): PasskeyFailure => ({ message: describeSignInError(error), error });

async function signInWithPasskey(step: 'alone' | 'second'): Promise<PasskeyFailure | null> {
  const startResult = await startPasskeySignIn({ step }).catch((error: unknown) => ({ error }));
  if ('error' in startResult) {
    // The browser's console shows why the request failed.
    const isUpdated = isOutdated(startResult.error);
    return isUpdated ? { message: STAGEDOOR_UPDATED, error: null } : toFailure({ reason: 'unavailable' });
  }
  if (!startResult.ok) {
    if (startResult.reason === 'expired') return toFailure({ reason: 'expired' });
    if (startResult.reason !== 'rate_limited') return { message: startResult.message, error: null };
    return toFailure({ reason: 'rate_limited', seconds: startResult.retryAfterSeconds });
  }
  const signResult = await signWithPasskey(startResult.options);
  if (!signResult.ok) return { message: signResult.message, error: null };
  const input = { challengeId: startResult.challengeId, response: signResult.response };
  const error =
    step === 'alone'
      ? await trySignIn({ provider: 'passkey', input })
      : await trySignIn({ provider: 'second-step', input: { kind: 'passkey', ...input } });
  return error && toFailure(error);
}

/** Signs in with a passkey: alone, or as the second step after a password. */
export function usePasskey(
  step: 'alone' | 'second',
  { onSignedIn, onFailed }: { onSignedIn: () => void; onFailed: (failure: PasskeyFailure) => void },
) {
  const [isPending, setIsPending] = useState(false);
  async function signIn() {
    setIsPending(true);
    const failure = await signInWithPasskey(step);
    setIsPending(false);
    if (failure) onFailed(failure);
    else onSignedIn();
  }
  return { signIn, isPending };
}
