'use client';
import { useState } from 'react';

/** What is wrong with which field of a form. */
export type FieldErrors<Field extends string> = { [Name in Field]?: string | undefined };

/** Of what a schema found wrong, the first of each field. */
export function fieldErrorsOf(
  issues: readonly { path: PropertyKey[]; message: string }[],
): Record<string, string> {
  return Object.fromEntries(issues.toReversed().map(({ path, message }) => [path[0], message]));
}

/** What fields were told to be wrong, and `recheck` for while they are corrected. */
export function useFieldErrors<Field extends string>() {
  const [errors, setErrors] = useState<FieldErrors<Field>>({});

  /** A field that was told to be wrong says what is wrong with it now; any other says nothing before it is sent. */
  function recheck(field: Field, said: string | undefined) {
    setErrors((before) => (field in before ? { ...before, [field]: said } : before));
  }

  return { errors, setErrors, recheck };
}
