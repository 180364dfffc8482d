'use client';
import { type FormEvent, type RefObject, useState } from 'react';
import { describeSignInError, type SignInError } from '#lib/identity/sign-in/schema.ts';
import { trySignIn } from './try-sign-in.ts';
import { usePasskey } from './use-passkey.ts';

/** What of a second step is typed. */
export type Typed = 'totp' | 'recovery';

type SecondStep = {
  first: Typed | null;
  field: RefObject<HTMLInputElement | null>;
  onIn: () => void;
  onBack: (failure: string | null) => void;
};

/** The second step of signing in: which way is chosen, and what came of the last try. `kind` null: a passkey. */
export function useSecondStep({ first, field, onIn, onBack }: SecondStep) {
  const [kind, setKind] = useState(first);
  const [failure, setFailure] = useState<string | null>(null);
  const [pending, setPending] = useState(false);

  function take(error: SignInError | null, message: string) {
    if (error?.reason === 'over') return onBack(message);
    setFailure(message);
    field.current?.select();
  }
  const passkey = usePasskey('second', { onIn, onFailed: ({ message, error }) => take(error, message) });

  function choose(other: Typed) {
    setFailure(null);
    setKind(other);
  }

  async function send(event: FormEvent) {
    event.preventDefault();
    if (!kind) return;
    setPending(true);
    setFailure(null);
    const code = field.current?.value ?? '';
    const error = await trySignIn({ by: 'second-step', answer: { kind, code } });
    setPending(false);
    if (error) take(error, describeSignInError(error));
    else onIn();
  }

  return { kind, choose, failure, pending, send, passkey };
}
