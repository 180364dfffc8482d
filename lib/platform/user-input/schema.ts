import { z } from 'zod';
import { MAX_TYPED_LENGTH } from './characters.ts';
import { checkLookupEmail, EMAIL_TOO_LONG, ENTER_EMAIL, isEmailAddress, normalizeEmail } from './email.ts';
import { describeUnprintable, normalizeName } from './name.ts';

/** Returns the error for a text that is too long. */
export const describeMaxLength = (maxLength: number) => `Use up to ${maxLength} characters.`;

/** Returns the error for a normalised email address that is invalid. */
function describeMalformedEmail(email: string): string {
  const [local = '', ...domains] = email.split('@');
  if (domains.length > 1) return 'Enter one email address, such as name@example.com.';
  const [character] = /[^\x20-\x7e]/u.exec(local) ?? [];
  if (character && domains.length > 0)
    return `We can’t send email to an address with “${character}” before the @. Enter another address.`;
  return ENTER_EMAIL;
}

/** Creates a schema for an email address that need not be valid: one to look up. */
export const createLookupEmailSchema = (required: string) =>
  z
    .string()
    .max(MAX_TYPED_LENGTH, { error: EMAIL_TOO_LONG })
    .transform(normalizeEmail)
    .pipe(
      z.string().refine((email) => checkLookupEmail(email, required) === undefined, {
        error: ({ input }) => checkLookupEmail(String(input), required),
      }),
    );

/** Normalises and validates an email address. */
export const emailSchema = createLookupEmailSchema('Enter an email address.').pipe(
  z.string().refine(isEmailAddress, { error: ({ input }) => describeMalformedEmail(String(input)) }),
);

/** Creates a schema that normalises and validates a name, which may be empty. The length is in code points. */
export const createNameSchema = (
  maxLength: number,
  { normalize = normalizeName, tooLong = describeMaxLength(maxLength) } = {},
) =>
  z
    .string()
    .max(MAX_TYPED_LENGTH, { error: tooLong })
    .transform(normalize)
    .pipe(
      z
        .string()
        .refine((name) => [...name].length <= maxLength, { error: tooLong })
        .refine((name) => describeUnprintable(name) === undefined, {
          error: ({ input }) => describeUnprintable(String(input)),
        }),
    );
