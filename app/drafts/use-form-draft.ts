'use client';
import { type DraftOptions, useDraft } from './use-draft.ts';

type FormDraftOptions<Values, Field extends string> = Pick<
  DraftOptions<Values>,
  'key' | 'schema' | 'typed'
> & {
  /** What `useForm` returns. */
  form: {
    reset(values?: Values, options?: { keepDefaultValues?: boolean }): void;
    setFocus(field: Field): void;
  };
  /** Gets the focus after the draft was discarded. */
  firstField: Field;
};

/**
 * Keeps what is typed in a form that creates something, as `useDraft` does.
 * @returns whether the form was filled from a draft, and `discard`, which empties it again
 */
export function useFormDraft<Values, Field extends string>({
  form,
  firstField,
  ...options
}: FormDraftOptions<Values, Field>) {
  const { isRestored, forget } = useDraft({
    ...options,
    restore: (values) => form.reset(values, { keepDefaultValues: true }),
  });

  function discard() {
    // Before the reset, after which the fields are not registered until the next render.
    form.setFocus(firstField);
    form.reset();
    forget();
  }

  return { isRestored, discard };
}
