'use client';
import { type FormEvent, type RefObject, useState } from 'react';
import { describeSignInError, type SignInError } from '#lib/identity/sign-in/schema.ts';
import { trySignIn } from './try-sign-in.ts';
import { usePasskey } from './use-passkey.ts';

/** A second factor that is typed. */
type TypedFactor = 'totp' | 'recovery';

type SecondStepOptions = {
  /** Null for a passkey. */
  initialKind: TypedFactor | null;
  field: RefObject<HTMLInputElement | null>;
  onSignedIn: () => void;
  onBack: (failure: string | null) => void;
};

/** Manages the second step of signing in. `kind` is the factor to type; null for a passkey. */
export function useSecondStep({ initialKind, field, onSignedIn, onBack }: SecondStepOptions) {
  const [kind, setKind] = useState(initialKind);
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
    setKind(factor);
  }

  async function handleSubmit(event: FormEvent) {
    event.preventDefault();
    if (!kind) return;
    setIsPending(true);
    setFailure(null);
    const code = field.current?.value ?? '';
    const error = await trySignIn({ provider: 'second-step', input: { kind, code } });
    setIsPending(false);
    if (error) handleError(error, describeSignInError(error));
    else onSignedIn();
  }

  return { kind, chooseFactor, failure, isPending, handleSubmit, passkey };
}
