import { z } from 'zod';
import { createLookupEmailSchema } from '#lib/platform/user-input/schema.ts';
import { checkTypedPassword, EMAIL_REQUIRED } from './check-input.ts';

/** Validates the email address and the password. The browser checks the same with `checkSignInInput`. */
export const signInSchema = z.object({
  email: createLookupEmailSchema(EMAIL_REQUIRED),
  password: z.string().refine((password) => checkTypedPassword(password) === undefined, {
    error: ({ input }) => checkTypedPassword(String(input)),
  }),
});
