'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import Link from 'next/link';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { Button } from '#components/button.tsx';
import { FailureNotice } from '#components/failure-notice.tsx';
import { TextField } from '#components/text-field.tsx';
import { requestResetSchema } from '#lib/identity/passwords/schema.ts';
import { EMAIL_REQUIRED } from '#lib/identity/sign-in/check-input.ts';
import { links } from '#lib/notifications/message-catalogue/en-links.ts';
import { ANYONE, DRAFT_KEYS } from '../drafts/draft-keys.ts';
import { removeDraft } from '../drafts/draft-storage.ts';
import { useDraft } from '../drafts/use-draft.ts';
import { describeFailedRequest, describeLinkRefusal } from '../links/link-refusal-messages.ts';
import { requestPasswordResetEmail } from './actions.ts';

const MAYBE_SENT = 'If an email arrives, use the link in the newest one.';

/** Requests a password reset link; then calls `onRequested` with the email address as typed. */
export function ForgottenPasswordForm({ onRequested }: { onRequested: (email: string) => void }) {
  const [failure, setFailure] = useState<string | null>(null);
  const { register, handleSubmit, setError, setValue, watch, formState } = useForm<{ email: string }>({
    resolver: zodResolver(requestResetSchema),
    defaultValues: { email: '' },
  });

  const email = watch('email');
  useDraft({
    key: DRAFT_KEYS.forgottenPassword,
    owner: ANYONE,
    schema: z.string(),
    typed: email || null,
    restore: (typed) => setValue('email', typed),
  });

  const submit = handleSubmit(async ({ email }) => {
    setFailure(null);
    try {
      const result = await requestPasswordResetEmail({ email });
      if (result.ok) {
        removeDraft(DRAFT_KEYS.forgottenPassword);
        return onRequested(email);
      }
      if (result.reason === 'malformed') return setError('email', { message: EMAIL_REQUIRED });
      setFailure(describeLinkRefusal(result));
    } catch (error) {
      // The browser's console shows why the request failed.
      setFailure(describeFailedRequest(error, links, MAYBE_SENT));
    }
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
