import type { FieldPath, FieldValues, UseFormSetError } from 'react-hook-form';
import type { FieldErrors } from '#lib/api-accounts/schema.ts';

/**
 * Shows the server's errors at their fields, and focuses the first of them in the order of the form.
 * @returns false if the form has none of the fields, because the page is older than the server
 */
export function showFieldErrors<Form extends FieldValues, Field extends FieldPath<Form>>(
  fieldsInOrder: readonly Field[],
  fieldErrors: FieldErrors<Field>,
  setError: UseFormSetError<Form>,
): boolean {
  const invalidFields = fieldsInOrder.filter((field) => fieldErrors[field]);
  for (const [index, field] of invalidFields.entries()) {
    setError(field, { type: 'server', message: fieldErrors[field] as string }, { shouldFocus: index === 0 });
  }
  return invalidFields.length > 0;
}
