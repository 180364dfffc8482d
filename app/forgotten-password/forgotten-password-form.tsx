'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import Link from 'next/link';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { Button } from '#components/button.tsx';
import { FailureNotice } from '#components/failure-notice.tsx';
import { TextField } from '#components/text-field.tsx';
import { requestResetSchema } from '#lib/identity/passwords/schema.ts';
import { EMAIL_REQUIRED } from '#lib/identity/sign-in/schema.ts';
import { describeLinkRefusal, NO_RESPONSE } from '../links/link-refusal-messages.ts';
import { requestPasswordResetEmail } from './actions.ts';

/** Requests a password reset link; then calls `onRequested` with the email address as typed. */
export function ForgottenPasswordForm({ onRequested }: { onRequested: (email: string) => void }) {
  const [failure, setFailure] = useState<string | null>(null);
  const { register, handleSubmit, setError, formState } = useForm<{ email: string }>({
    resolver: zodResolver(requestResetSchema),
    defaultValues: { email: '' },
  });

  const submit = handleSubmit(async ({ email }) => {
    setFailure(null);
    // Null if the request failed. The browser's console shows the cause.
    const result = await requestPasswordResetEmail({ email }).catch(() => null);
    if (!result) return setFailure(NO_RESPONSE);
    if (result.ok) return onRequested(email);
    if (result.reason === 'malformed') return setError('email', { message: EMAIL_REQUIRED });
    setFailure(describeLinkRefusal(result));
  });

  return (
    <form method="post" onSubmit={submit} noValidate className="grid gap-4">
      <FailureNotice failure={failure} />
      <TextField
        label="Email address"
        type="email"
        {...register('email')}
        error={formState.errors.email?.message}
        autoComplete="username"
        required
      />
      <Button type="submit" variant="primary" pending={formState.isSubmitting} pendingLabel="Sending…">
        Email me a link
      </Button>
      <Link href="/sign-in" className="justify-self-center text-sm underline underline-offset-2">
        Back to sign in
      </Link>
    </form>
  );
}
