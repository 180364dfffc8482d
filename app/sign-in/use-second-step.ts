'use client';
import { type FormEvent, type RefObject, useState } from 'react';
import { describeSignInError, type SignInError } from '#lib/identity/sign-in/errors.ts';
import { trySignIn } from './try-sign-in.ts';
import { usePasskey } from './use-passkey.ts';

/** A second factor that is typed. */
type TypedFactor = 'totp' | 'recovery';

type SecondStepOptions = {
  /** Null for a passkey. */
  initialFactor: TypedFactor | null;
  field: RefObject<HTMLInputElement | null>;
  onSignedIn: () => void;
  onBack: (failure: string | null) => void;
};

/** Manages the second step of signing in. `typedFactor` is null for a passkey. */
export function useSecondStep({ initialFactor, field, onSignedIn, onBack }: SecondStepOptions) {
  const [typedFactor, setTypedFactor] = useState(initialFactor);
  const [failure, setFailure] = useState<string | null>(null);
  const [isPending, setIsPending] = useState(false);

  function handleError(error: SignInError | null, message: string) {
    if (error?.reason === 'expired') return onBack(message);
    setFailure(message);
    field.current?.select();
  }
  const passkey = usePasskey('second', {
    onSignedIn,
    onFailed: ({ message, error }) => handleError(error, message),
  });

  function chooseFactor(factor: TypedFactor) {
    setFailure(null);
    setTypedFactor(factor);
  }

  async function handleSubmit(event: FormEvent) {
    event.preventDefault();
    if (!typedFactor) return;
    setIsPending(true);
    setFailure(null);
    const code = field.current?.value ?? '';
    const error = await trySignIn({ provider: 'second-step', input: { kind: typedFactor, code } });
    setIsPending(false);
    if (error) handleError(error, describeSignInError(error));
    else onSignedIn();
  }

  return { typedFactor, chooseFactor, failure, isPending, handleSubmit, passkey };
}
