import { z } from 'zod';
import type { ChangeReport } from '#lib/api-accounts/contact-changes/schema.ts';
import { parseLimit } from './limits.ts';
import type { AccountStatus } from './status.ts';

const USERNAME_MAX = 64;
/** Control, format, private and unassigned characters, line ends, and spaces that are not plain ones. */
const NOT_PRINTABLE = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

/**
 * A username: the name of the company that gets access. No colon, since it ends the username in Basic
 * authentication (RFC 7617).
 */
const usernameSchema = z
  .string()
  .transform((text) => text.normalize('NFC').trim())
  .pipe(
    z
      .string()
      .min(1, { error: 'Enter a username, such as the name of the company.' })
      .refine((text) => [...text].length <= USERNAME_MAX, {
        error: `Use at most ${USERNAME_MAX} characters.`,
      })
      .refine((text) => !text.includes(':'), {
        error: 'Leave out the colon (:). It separates username and key when someone signs in.',
      })
      .refine((text) => !NOT_PRINTABLE.test(text), {
        error: 'Use letters, digits, punctuation and plain spaces only.',
      }),
  );

const emailSchema = z
  .string()
  .trim()
  .min(1, { error: 'Enter an email address.' })
  .max(254, { error: 'This email address is too long.' })
  .pipe(z.email({ error: 'Enter an email address in full, such as name@example.com.' }));

/** Only that something of a sensible length is there: what it means takes the numbering plans, on the server. */
const phoneSchema = z
  .string()
  .trim()
  .min(1, { error: 'Enter a mobile number, such as +447400123456.' })
  .max(40, { error: 'This phone number is too long.' });

const LIMIT_ERROR = 'Enter a whole number from 1 to 1,000,000, or leave this empty.';

/** A limit as a form has it, as text, or as the table does; null means none of the account's own. */
const limitSchema = z
  .union([z.string(), z.number(), z.null()], { error: LIMIT_ERROR })
  .transform((typed, context) => {
    const limit = parseLimit(typed);
    if (limit !== undefined) return limit;
    context.addIssue({ code: 'custom', message: LIMIT_ERROR });
    return z.NEVER;
  });

export const newApiAccountSchema = z.object({
  username: usernameSchema,
  email: emailSchema,
  phone: phoneSchema,
});

export const editApiAccountSchema = z.object({
  id: z.uuid(),
  /** What the editor saw when it was opened. */
  version: z.int().min(1),
  email: emailSchema,
  phone: phoneSchema,
  active: z.boolean(),
  /** Missing: as it is. */
  requestsPerMinute: limitSchema.optional(),
});

export const resetApiKeySchema = z.object({ id: z.uuid() });

export type NewApiAccount = z.infer<typeof newApiAccountSchema>;
export type EditApiAccount = z.infer<typeof editApiAccountSchema>;

export type FieldErrors<Field extends string> = Partial<Record<Field, string>>;

/** An account as the administrators' pages may see it: no digest, no column that is not named here. */
export type AccountSummary = {
  id: string;
  username: string;
  email: string;
  /** E.164. */
  phone: string;
  status: AccountStatus;
  active: boolean;
  version: number;
  /** The account's own limit; null: the organisation's default, or none. */
  requestsPerMinute: number | null;
  lastUsedAt: Date | null;
  /** A link and a code are out that can still show a key. */
  revealUnderWay: boolean;
  /** What went wrong with the present reveal's messages, and with the notice of a changed address: a sentence each. */
  deliveryFailures: string[];
  /** Changes of address that somebody said were not theirs, until an administrator has looked into them; oldest first. */
  openReports: ChangeReport[];
  /** Why the rules for texts refused the present reveal's newest text, a sentence; null where they did not. */
  textRefused: string | null;
};

/** What usernames are compared by: NFKC, no outer spaces, no case. */
export function foldUsername(username: string): string {
  return username.normalize('NFKC').trim().toLowerCase().toUpperCase().toLowerCase();
}
