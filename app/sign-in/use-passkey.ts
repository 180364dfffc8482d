'use client';
import { useState } from 'react';
import { signWithPasskey } from '#app/passkeys.ts';
import { describeSignInError, type SignInError } from '#lib/identity/sign-in/schema.ts';
import { startPasskeySignIn } from './actions.ts';
import { trySignIn } from './try-sign-in.ts';

type Failed = { message: string; error: SignInError | null };

const failed = (error: SignInError): Failed => ({ message: describeSignInError(error), error });

async function sign(step: 'alone' | 'second'): Promise<Failed | null> {
  const started = await startPasskeySignIn({ step }).catch(() => null);
  if (!started) return failed({ reason: 'unavailable' });
  if (!started.ok) {
    if (started.reason === 'over') return failed({ reason: 'over' });
    if (started.reason !== 'throttled') return { message: started.message, error: null };
    return failed({ reason: 'throttled', seconds: started.retryAfterSeconds });
  }
  const signed = await signWithPasskey(started.options);
  if (!signed.ok) return { message: signed.message, error: null };
  const answer = { challengeId: started.challengeId, response: signed.response };
  const error =
    step === 'alone'
      ? await trySignIn({ by: 'passkey', answer })
      : await trySignIn({ by: 'second-step', answer: { kind: 'passkey', ...answer } });
  return error && failed(error);
}

/** Signs in with a passkey: alone, or as the second step. */
export function usePasskey(
  step: 'alone' | 'second',
  { onIn, onFailed }: { onIn: () => void; onFailed: (failure: Failed) => void },
) {
  const [pending, setPending] = useState(false);
  async function use() {
    setPending(true);
    const failure = await sign(step);
    setPending(false);
    if (failure) onFailed(failure);
    else onIn();
  }
  return { use, pending };
}
