'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { useCallback, useEffect, useState } from 'react';
import { useForm } from 'react-hook-form';
import { Button } from '#components/button.tsx';
import { FailureNotice } from '#components/failure-notice.tsx';
import { TextAreaField } from '#components/text-area-field.tsx';
import { TextField } from '#components/text-field.tsx';
import { usePageHide } from '#components/use-page-hide.ts';
import { type LeakReport, leakReportSchema } from '#lib/leaks/schema.ts';
import { leakedPage } from '#lib/notifications/message-catalogue/en-leaked.ts';
import { links } from '#lib/notifications/message-catalogue/en-links.ts';
import { describeFailedRequest, describeLinkRefusal } from '../links/link-refusal-leakedPage.ts';
import { reportLeakedKey } from './actions.ts';

/** What keys look like: their first characters and their length. */
export type KeyForm = { tag: string; length: number };

type LeakReportFormProps = {
  keyForm: KeyForm;
  /** Whether the first field gets the focus, because the button that had it was removed. */
  hasFocus: boolean;
  onReported: () => void;
};

/** Reports a leaked key. What is typed is kept nowhere: not as a draft, and not when the page is left. */
export function LeakReportForm({ keyForm, hasFocus, onReported }: LeakReportFormProps) {
  const [failure, setFailure] = useState<string | null>(null);
  const { register, handleSubmit, setError, setFocus, reset, formState } = useForm<LeakReport>({
    resolver: zodResolver(leakReportSchema),
    defaultValues: { text: '', url: '' },
  });
  useEffect(() => {
    if (hasFocus) setFocus('text');
  }, [hasFocus, setFocus]);
  usePageHide(useCallback(() => reset(), [reset]));

  const submit = handleSubmit(async (report) => {
    setFailure(null);
    try {
      const result = await reportLeakedKey(report);
      if (result.ok) return onReported();
      if (result.reason === 'no_key' || result.reason === 'malformed')
        return setError('text', { message: leakedPage.noKey(keyForm) }, { shouldFocus: true });
      setFailure(describeLinkRefusal(result));
    } catch (error) {
      // The browser's console shows why the request failed.
      setFailure(describeFailedRequest(error, links, leakedPage.maybeReported));
    }
  });

  return (
    <form method="post" onSubmit={submit} noValidate autoComplete="off" className="grid gap-5">
      <FailureNotice failure={failure} />
      <TextAreaField
        label={leakedPage.key}
        description={leakedPage.keyHint(keyForm)}
        {...register('text')}
        error={formState.errors.text?.message}
        translate="no"
        autoComplete="off"
        autoCapitalize="off"
        autoCorrect="off"
        spellCheck={false}
        required
      />
      <TextField
        label={leakedPage.url}
        description={leakedPage.urlHint}
        inputMode="url"
        {...register('url')}
        error={formState.errors.url?.message}
        translate="no"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
      />
      <Button
        type="submit"
        variant="primary"
        pending={formState.isSubmitting}
        pendingLabel={links.sending}
      >
        {leakedPage.report}
      </Button>
    </form>
  );
}
