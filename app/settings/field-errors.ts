import { z } from 'zod';
import type { FieldErrors } from '#lib/api-accounts/schema.ts';

/** The first thing that is wrong with each field, as the verbs of `lib` say it. */
export function firstErrors<Input>(error: z.ZodError<Input>) {
  const all: Record<string, string[] | undefined> = z.flattenError(error).fieldErrors;
  const first = Object.entries(all).flatMap(([field, messages]) =>
    messages?.[0] ? [[field, messages[0]]] : [],
  );
  return Object.fromEntries(first) as FieldErrors<keyof Input & string>;
}
