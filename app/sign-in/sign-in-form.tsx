'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { KeyRound } from 'lucide-react';
import Link from 'next/link';
import { type FieldErrors, type UseFormRegister, useForm } from 'react-hook-form';
import { z } from 'zod';
import { Button } from '#components/button.tsx';
import { TextField } from '#components/text-field.tsx';
import type { SecondFactor } from '#lib/identity/mfa/schema.ts';
import { describeSignInError, type SignInInput, signInSchema } from '#lib/identity/sign-in/schema.ts';
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

/** Asks for email address and password, or a passkey. */
export function SignInForm({
  isSecondary,
  setFailure,
  isLeaving,
  onSignedIn,
  onSecondFactor,
}: SignInFormProps) {
  const { register, handleSubmit, resetField, setFocus, setValue, watch, formState } = useForm<SignInInput>({
    resolver: zodResolver(signInSchema),
    defaultValues: { email: '', password: '' },
  });
  const passkey = usePasskey('alone', { onSignedIn, onFailed: ({ message }) => setFailure(message) });

  // Only the email address: a password must not be stored.
  useDraft({
    key: DRAFT_KEYS.signIn,
    owner: ANYONE,
    schema: z.string(),
    typed: watch('email') || null,
    restore: (typed) => setValue('email', typed),
  });

  const submit = handleSubmit(async (input) => {
    setFailure(null);
    const error = await trySignIn({ provider: 'credentials', ...input });
    if (!error) return onSignedIn();
    if (error.reason === 'second_factor') return onSecondFactor(error.factors);
    setFailure(describeSignInError(error));
    resetField('password');
    setFocus('password');
  });

  function signInWithPasskey() {
    setFailure(null);
    void passkey.signIn();
  }

  return (
    <form method="post" onSubmit={submit} noValidate className="grid gap-4">
      <SignInFields register={register} errors={formState.errors} />
      <Button
        type="submit"
        variant={isSecondary ? 'secondary' : 'primary'}
        pending={formState.isSubmitting || isLeaving}
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

type SignInFieldsProps = { register: UseFormRegister<SignInInput>; errors: FieldErrors<SignInInput> };

function SignInFields({ register, errors }: SignInFieldsProps) {
  return (
    <>
      <TextField
        label="Email address"
        type="email"
        {...register('email')}
        error={errors.email?.message}
        autoComplete="username"
        required
      />
      <TextField
        label="Password"
        type="password"
        {...register('password')}
        error={errors.password?.message}
        autoComplete="current-password"
        required
      />
    </>
  );
}
