import { z } from 'zod';
import type { FieldErrors } from '#lib/api-accounts/schema.ts';

/** Returns the first error of each field, in the shape that the use cases of `lib` return. */
export function getFirstErrors<Input>(error: z.ZodError<Input>) {
  const all: Record<string, string[] | undefined> = z.flattenError(error).fieldErrors;
  const first = Object.entries(all).flatMap(([field, messages]) =>
    messages?.[0] ? [[field, messages[0]]] : [],
  );
  return Object.fromEntries(first) as FieldErrors<keyof Input & string>;
}
