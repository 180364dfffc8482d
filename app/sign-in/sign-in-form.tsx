'use client';
import { KeyRound } from 'lucide-react';
import Link from 'next/link';
import { type FormEvent, useRef, useState } from 'react';
import { Button } from '#components/button.tsx';
import { TextField } from '#components/text-field.tsx';
import { useFieldErrors } from '#components/use-field-errors.ts';
import type { SecondFactor } from '#lib/identity/mfa/schema.ts';
import { checkSignInInput, type SignInInput } from '#lib/identity/sign-in/check-input.ts';
import { describeSignInError } from '#lib/identity/sign-in/errors.ts';
import { ANYONE, DRAFT_KEYS } from '../drafts/draft-keys.ts';
import { useDraft } from '../drafts/use-draft.ts';
import { trySignIn } from './try-sign-in.ts';
import { usePasskey } from './use-passkey.ts';

type SignInFormProps = {
  /** Whether single sign-on is offered first, so the button of this form is not the primary one. */
  isSecondary: boolean;
  setFailure: (failure: string | null) => void;
  /** Whether the user has signed in and the browser is loading the next page. */
  isLeaving: boolean;
  onSignedIn: () => void;
  onSecondFactor: (factors: SecondFactor[]) => void;
};

/** A draft is the email address. */
const draftSchema = {
  safeParse: (value: unknown) => ({ data: typeof value === 'string' ? value : undefined }),
};

type SubmitInput = (input: SignInInput) => Promise<void>;

/** Keeps the fields' errors, and the typed email address as a draft. Calls `submit` if there are no errors. */
function useSignInFields(submit: SubmitInput) {
  // The inputs keep their own values, which a password manager may have filled in before this code runs.
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const [typedEmail, setTypedEmail] = useState('');
  const { errors, setErrors, updateError } = useFieldErrors<keyof SignInInput>();
  const [isPending, setIsPending] = useState(false);

  // Only the email address: a password must not be stored.
  useDraft({
    key: DRAFT_KEYS.signIn,
    owner: ANYONE,
    schema: draftSchema,
    typed: typedEmail || null,
    restore: (draft) => {
      if (email.current) email.current.value = draft;
      setTypedEmail(draft);
    },
  });

  const readInput = (): SignInInput => ({
    email: email.current?.value ?? '',
    password: password.current?.value ?? '',
  });

  function handleChange(field: keyof SignInInput) {
    const input = readInput();
    setTypedEmail(input.email);
    updateError(field, checkSignInInput(input)[field]);
  }

  async function handleSubmit(event: FormEvent) {
    event.preventDefault();
    if (isPending) return;
    const input = readInput();
    const found = checkSignInInput(input);
    const invalidField = (found.email && email) || (found.password && password);
    setErrors(invalidField ? found : {});
    if (invalidField) return invalidField.current?.focus();
    setIsPending(true);
    await submit(input);
    setIsPending(false);
  }

  function clearPassword() {
    if (!password.current) return;
    password.current.value = '';
    password.current.focus();
  }

  return { email, password, errors, isPending, handleChange, handleSubmit, clearPassword };
}

/** Asks for email address and password, or a passkey. */
export function SignInForm({
  isSecondary,
  setFailure,
  isLeaving,
  onSignedIn,
  onSecondFactor,
}: SignInFormProps) {
  const fields = useSignInFields(async (input) => {
    setFailure(null);
    const error = await trySignIn({ provider: 'credentials', ...input });
    if (!error) return onSignedIn();
    if (error.reason === 'second_factor') return onSecondFactor(error.factors);
    setFailure(describeSignInError(error));
    fields.clearPassword();
  });
  const { email, password, errors, handleChange } = fields;
  const passkey = usePasskey('alone', { onSignedIn, onFailed: ({ message }) => setFailure(message) });

  function signInWithPasskey() {
    setFailure(null);
    void passkey.signIn();
  }

  return (
    <form method="post" onSubmit={fields.handleSubmit} noValidate className="grid gap-4">
      <TextField
        ref={email}
        label="Email address"
        type="email"
        name="email"
        onChange={() => handleChange('email')}
        error={errors.email}
        autoComplete="username"
        required
      />
      <TextField
        ref={password}
        label="Password"
        type="password"
        name="password"
        onChange={() => handleChange('password')}
        error={errors.password}
        autoComplete="current-password"
        required
      />
      <Button
        type="submit"
        variant={isSecondary ? 'secondary' : 'primary'}
        pending={fields.isPending || isLeaving}
        pendingLabel="Signing in…"
        className="mt-1"
      >
        Sign in
      </Button>
      <Button pending={passkey.isPending} onClick={signInWithPasskey}>
        <KeyRound aria-hidden="true" />
        Use a passkey
      </Button>
      <Link href="/forgotten-password" className="justify-self-center text-sm underline underline-offset-2">
        Forgotten your password?
      </Link>
    </form>
  );
}
