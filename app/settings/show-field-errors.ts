import type { FieldPath, FieldValues, UseFormSetError } from 'react-hook-form';
import type { FieldErrors } from '#lib/api-accounts/schema.ts';

/** Puts the server's errors at their fields, and the keyboard on the first of them in the order of the form. */
export function showFieldErrors<Form extends FieldValues, Field extends FieldPath<Form>>(
  order: readonly Field[],
  fieldErrors: FieldErrors<Field>,
  setError: UseFormSetError<Form>,
): void {
  const wrong = order.filter((field) => fieldErrors[field]);
  for (const [index, field] of wrong.entries()) {
    setError(field, { type: 'server', message: fieldErrors[field] as string }, { shouldFocus: index === 0 });
  }
}
