import { z } from 'zod';
import type { ChangeReport } from '#lib/api-accounts/contact-changes/schema.ts';
import { MAX_REQUESTS_PER_MINUTE } from '#lib/platform/config/limits.ts';
import { ENTER_MOBILE } from '#lib/platform/phone-numbers/messages.ts';
import { MAX_TYPED_LENGTH } from '#lib/platform/user-input/characters.ts';
import { normalizeUsername } from '#lib/platform/user-input/name.ts';
import { normalizePhone } from '#lib/platform/user-input/phone.ts';
import { createNameSchema, emailSchema } from '#lib/platform/user-input/schema.ts';
import { parseLimit } from './parse-limit.ts';
import type { AccountStatus } from './status.ts';

const MAX_USERNAME_LENGTH = 64;

/** The name of the company that gets access. A colon would end the username in Basic authentication (RFC 7617). */
const usernameSchema = createNameSchema(MAX_USERNAME_LENGTH, {
  normalize: normalizeUsername,
  tooLong: `Use ${MAX_USERNAME_LENGTH} characters or fewer.`,
}).pipe(
  z
    .string()
    .min(1, { error: 'Enter a username, such as the company’s name.' })
    .refine((text) => !text.includes(':'), {
      error: 'Usernames can’t contain a colon (:).',
    }),
);

const PHONE_TOO_LONG = 'This phone number is too long. Check the digits.';

/** Checks the length only. The server validates the number, because that needs the numbering plans. */
const phoneSchema = z
  .string()
  .max(MAX_TYPED_LENGTH, { error: PHONE_TOO_LONG })
  .transform(normalizePhone)
  .pipe(z.string().min(1, { error: ENTER_MOBILE }).max(40, { error: PHONE_TOO_LONG }));

const LIMIT_ERROR = `Enter a whole number from 1 to ${MAX_REQUESTS_PER_MINUTE.toLocaleString('en-GB')}, or leave this empty.`;

/** A limit as text (from a form) or as a number; null means that the account has no limit of its own. */
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

/** The fields of a new account that were filled in so far and can be checked on the server only. */
export const checkNewAccountSchema = newApiAccountSchema.pick({ username: true, phone: true }).partial();

export const editApiAccountSchema = z.object({
  id: z.uuid(),
  /** The account's version when the editor was opened. */
  version: z.int().min(1),
  email: emailSchema,
  phone: phoneSchema,
  active: z.boolean(),
  /** Unchanged if missing. */
  requestsPerMinute: limitSchema.optional(),
});

/** What the reset dialog showed: the account's version, its current reveal, and whether it had a key. */
const seenKeySchema = z.object({
  version: z.int().min(1),
  revealId: z.uuid().nullable(),
  hasKey: z.boolean(),
});

export const resetApiKeySchema = z.object({ id: z.uuid(), seen: seenKeySchema });

export type SeenKey = z.infer<typeof seenKeySchema>;

export type NewApiAccount = z.infer<typeof newApiAccountSchema>;
export type CheckedFields = z.infer<typeof checkNewAccountSchema>;
export type EditApiAccount = z.infer<typeof editApiAccountSchema>;

export type FieldErrors<Field extends string> = Partial<Record<Field, string>>;

/** A problem with the delivery of a message. */
export type DeliveryProblem = {
  /** The email or the text of the current reveal, or the notice of a contact change. */
  message: 'email' | 'text' | 'notice';
  /** The problem in two or three words, such as "Email bounced". */
  label: string;
  text: string;
  /** Null if that is within a minute, or if there is none. */
  nextAttemptAt: Date | null;
};

/** An account as the settings pages may show it: without the digest, and only with the columns that are listed here. */
export type AccountSummary = {
  id: string;
  username: string;
  email: string;
  /** E.164. */
  phone: string;
  status: AccountStatus;
  active: boolean;
  version: number;
  /** The current reveal. */
  revealId: string | null;
  /** Whether the integrator has collected the current key, also if the account is inactive. */
  hasKey: boolean;
  /** The account's own limit; null means the organisation's default, or none. */
  requestsPerMinute: number | null;
  lastUsedAt: Date | null;
  /** Whether the current reveal's link still works: it is not used, expired or locked. */
  isRevealOpen: boolean;
  /** Problems with the current reveal's messages and with the notice of a contact change. */
  deliveryProblems: DeliveryProblem[];
  /** The oldest five unresolved reports of unauthorised contact changes, oldest first. */
  openReports: ChangeReport[];
  /**
   * Why the SMS policy blocked the current reveal's newest SMS, as a fragment of a sentence. Null if it did not, if an
   * earlier SMS has the current code, or if the reveal has ended.
   */
  smsBlockedReason: string | null;
};

/** An account whose key delivery has just started: its recipients, and why the SMS was blocked, if it was. */
export type StartedDelivery = Pick<
  AccountSummary,
  'id' | 'username' | 'email' | 'phone' | 'smsBlockedReason'
>;

/** What happened to an account's key after an administrator had read the account. */
export type KeyChange = {
  /** `reset`: the key was reset. `collected`: the integrator collected it. `edited`: the account was edited. */
  kind: 'reset' | 'collected' | 'edited';
  at: Date;
  /** The name of the administrator; null if the integrator did it or the user no longer exists. */
  by: string | null;
  /** Whether the administrator did it themselves, for example in another window. */
  isOwn: boolean;
};
