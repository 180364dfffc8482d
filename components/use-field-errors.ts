'use client';
import { useState } from 'react';

/** Error messages of a form, by field. */
export type FieldErrors<Field extends string> = { [Name in Field]?: string | undefined };

/** Returns the message of the first issue of each field. */
export function toFieldErrors(
  issues: readonly { path: PropertyKey[]; message: string }[],
): Record<string, string> {
  return Object.fromEntries(issues.toReversed().map(({ path, message }) => [path[0], message]));
}

/** Keeps the error messages of a form, by field. */
export function useFieldErrors<Field extends string>() {
  const [errors, setErrors] = useState<FieldErrors<Field>>({});

  /** Updates the error of a field while the user corrects it. Ignores fields that were valid when submitted. */
  function updateError(field: Field, error: string | undefined) {
    setErrors((previous) => (field in previous ? { ...previous, [field]: error } : previous));
  }

  return { errors, setErrors, updateError };
}
