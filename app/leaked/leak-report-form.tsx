'use client';
import { type FormEvent, useCallback, useEffect, useRef, useState } from 'react';
import { Button } from '#components/button.tsx';
import { FailureNotice } from '#components/failure-notice.tsx';
import { TextAreaField } from '#components/text-area-field.tsx';
import { TextField } from '#components/text-field.tsx';
import { useFieldErrors } from '#components/use-field-errors.ts';
import { usePageHide } from '#components/use-page-hide.ts';
import { checkLeakReport, type LeakReport } from '#lib/leaks/check-input.ts';
import { leakedPage } from '#lib/notifications/message-catalogue/en-leaked.ts';
import { links } from '#lib/notifications/message-catalogue/en-links.ts';
import { describeFailedRequest, describeLinkRefusal } from '../links/link-refusal-messages.ts';
import { reportLeakedKey } from './actions.ts';

/** What keys look like: their first characters and their length. */
export type KeyForm = { tag: string; length: number };

type LeakReportFormProps = {
  keyForm: KeyForm;
  /** Whether the first field gets the focus, because the button that had it was removed. */
  hasFocus: boolean;
  onReported: () => void;
};

/**
 * Reads and checks the fields without a form library, so that the page loads fast. Calls `submit` if there are no errors.
 * Empties the fields when the page is left.
 */
function useReportFields(submit: (report: LeakReport) => Promise<void>) {
  const text = useRef<HTMLTextAreaElement>(null);
  const url = useRef<HTMLInputElement>(null);
  const { errors, setErrors, updateError } = useFieldErrors<keyof LeakReport>();
  const [isPending, setIsPending] = useState(false);

  const empty = useCallback(() => {
    for (const { current } of [text, url]) if (current) current.value = '';
  }, []);
  usePageHide(empty);

  const readReport = (): LeakReport => ({ text: text.current?.value ?? '', url: url.current?.value ?? '' });

  const handleChange = (field: keyof LeakReport) => updateError(field, checkLeakReport(readReport())[field]);

  function showTextError(message: string) {
    setErrors({ text: message });
    text.current?.focus();
  }

  async function handleSubmit(event: FormEvent) {
    event.preventDefault();
    if (isPending) return;
    const report = readReport();
    const found = checkLeakReport(report);
    const invalidField = (found.text && text) || (found.url && url);
    setErrors(invalidField ? found : {});
    if (invalidField) return invalidField.current?.focus();
    setIsPending(true);
    await submit(report);
    setIsPending(false);
  }

  return { text, url, errors, isPending, handleChange, handleSubmit, showTextError };
}

/** Reports a leaked key. What is typed is kept nowhere: not as a draft, and not when the page is left. */
export function LeakReportForm({ keyForm, hasFocus, onReported }: LeakReportFormProps) {
  const [failure, setFailure] = useState<string | null>(null);
  const fields = useReportFields(async (report) => {
    setFailure(null);
    try {
      const result = await reportLeakedKey(report);
      if (result.ok) onReported();
      else if (result.reason === 'no_key' || result.reason === 'malformed')
        fields.showTextError(leakedPage.noKey(keyForm));
      else setFailure(describeLinkRefusal(result));
    } catch (error) {
      // The browser's console shows why the request failed.
      setFailure(describeFailedRequest(error, links, leakedPage.maybeReported));
    }
  });
  const { text, url, errors, handleChange } = fields;
  useEffect(() => {
    if (hasFocus) text.current?.focus();
  }, [hasFocus, text]);

  return (
    <form method="post" onSubmit={fields.handleSubmit} noValidate autoComplete="off" className="grid gap-5">
      <FailureNotice failure={failure} />
      <TextAreaField
        ref={text}
        label={leakedPage.key}
        description={leakedPage.keyHint(keyForm)}
        name="text"
        onChange={() => handleChange('text')}
        error={errors.text}
        translate="no"
        autoComplete="off"
        autoCapitalize="off"
        autoCorrect="off"
        spellCheck={false}
        required
      />
      <TextField
        ref={url}
        label={leakedPage.url}
        description={leakedPage.urlHint}
        inputMode="url"
        name="url"
        onChange={() => handleChange('url')}
        error={errors.url}
        translate="no"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
      />
      <Button type="submit" variant="primary" pending={fields.isPending} pendingLabel={links.sending}>
        {leakedPage.report}
      </Button>
    </form>
  );
}
