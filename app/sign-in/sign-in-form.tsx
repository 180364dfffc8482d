'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { signIn } from 'next-auth/react';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { Button } from '#components/button.tsx';
import { Notice } from '#components/notice.tsx';
import { TextField } from '#components/text-field.tsx';
import { describeSignInError, parseSignInError, type SignInInput, signInSchema } from '#lib/auth/schema.ts';

/** Tries once. Null: signed in. A sentence: why not. */
async function trySignIn(input: SignInInput): Promise<string | null> {
  try {
    const result = await signIn('credentials', { ...input, redirect: false });
    if (result?.ok && !result.error) return null;
    return describeSignInError(parseSignInError(result?.error));
  } catch {
    // The connection was lost; the browser's console has the cause.
    return describeSignInError({ reason: 'unavailable' });
  }
}

export function SignInForm({ then }: { then: string }) {
  const [failure, setFailure] = useState<string | null>(null);
  const [leaving, setLeaving] = useState(false);
  const { register, handleSubmit, resetField, setFocus, formState } = useForm<SignInInput>({
    resolver: zodResolver(signInSchema),
    defaultValues: { email: '', password: '' },
  });
  const { errors, isSubmitting } = formState;

  const submit = handleSubmit(async (input) => {
    setFailure(null);
    const reason = await trySignIn(input);
    if (reason === null) {
      setLeaving(true);
      // A whole load: nothing that was rendered for nobody stays in the browser's memory.
      window.location.assign(then);
      return;
    }
    setFailure(reason);
    resetField('password');
    setFocus('password');
  });

  return (
    <form method="post" onSubmit={submit} noValidate className="grid gap-4">
      {failure && (
        <Notice tone="danger" announce>
          <p>{failure}</p>
        </Notice>
      )}
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
      <Button
        type="submit"
        variant="primary"
        pending={isSubmitting || leaving}
        pendingLabel="Signing in…"
        className="mt-1"
      >
        Sign in
      </Button>
    </form>
  );
}
