import { z } from 'zod';
import type { AccountLeak, AccountStatus } from '#lib/account-state/status.ts';
import type { ChangeReport } from '#lib/api-accounts/contact-changes/schema.ts';
import type { OldKey } from '#lib/key-delivery/timeline/schema.ts';
import { MAX_REQUESTS_PER_MINUTE } from '#lib/platform/config/limits.ts';
import { ENTER_MOBILE } from '#lib/platform/phone-numbers/messages.ts';
import { MAX_TYPED_LENGTH } from '#lib/platform/user-input/characters.ts';
import { foldUsername, normalizeUsername } from '#lib/platform/user-input/name.ts';
import { splitNetworks } from '#lib/platform/user-input/networks.ts';
import { normalizeNotes } from '#lib/platform/user-input/notes.ts';
import { normalizePhone } from '#lib/platform/user-input/phone.ts';
import { createNameSchema, emailSchema } from '#lib/platform/user-input/schema.ts';
import { parseLimit } from './parse-limit.ts';
import { MAX_SCOPES, scopeNameSchema } from './scopes/schema.ts';

const MAX_USERNAME_LENGTH = 64;
const MAX_DISPLAY_NAME_LENGTH = 100;
const MAX_NOTES_LENGTH = 2_000;
const MAX_EXPIRY_YEAR = 9_999;
export const MAX_NETWORKS = 50;
const MAX_NETWORKS_LENGTH = 10_000;
/** How long a deleted account can be seen, and its username not be used again. */
export const DELETED_DAYS = 30;

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

const NOTES_TOO_LONG = `Use up to ${MAX_NOTES_LENGTH.toLocaleString('en-GB')} characters.`;

/** Notes of administrators, in several lines. The length is in code points. */
const notesSchema = z
  .string()
  .max(2 * MAX_NOTES_LENGTH, { error: NOTES_TOO_LONG })
  .transform(normalizeNotes)
  .pipe(z.string().refine((notes) => [...notes].length <= MAX_NOTES_LENGTH, { error: NOTES_TOO_LONG }));

/** The account that a page shows. */
export const accountIdSchema = z.object({ id: z.uuid() });

/** Whether the administrator has confirmed a phone number that the numbering plans do not contain. */
const phoneConfirmedSchema = z.boolean().optional();

/** Names of scopes; null means full access. The server checks that the organisation has them. */
const scopesSchema = z
  .array(scopeNameSchema)
  .max(MAX_SCOPES)
  .transform((names) => [...new Set(names)].sort())
  .nullable();

/** Lines with IP addresses and CIDR ranges; null means anywhere. The server parses them (`parseNetworks`). */
const networksSchema = z
  .array(z.string())
  .refine(
    (lines) => lines.join('\n').length <= MAX_NETWORKS_LENGTH && splitNetworks(lines).length <= MAX_NETWORKS,
    {
      error: `Enter up to ${MAX_NETWORKS} addresses or ranges.`,
    },
  )
  .nullable();

const ENTER_EXPIRY = 'Enter a date and a time, or leave this empty.';

/** When an account expires; null if it does not. A time that has passed expires it immediately. */
const expirySchema = z
  .union([z.date(), z.string(), z.null()], { error: ENTER_EXPIRY })
  // A schema in the union would have an error message of its own.
  .transform((time, context) => {
    if (typeof time !== 'string') return time;
    if (z.iso.datetime({ offset: true }).safeParse(time).success) return new Date(time);
    context.addIssue({ code: 'custom', message: ENTER_EXPIRY });
    return z.NEVER;
  })
  .refine((time) => time === null || time.getUTCFullYear() <= MAX_EXPIRY_YEAR, {
    error: `Enter a date before the year ${MAX_EXPIRY_YEAR + 1}, or leave this empty.`,
  });

export const newApiAccountSchema = z.object({
  username: usernameSchema,
  email: emailSchema,
  phone: phoneSchema,
  isPhoneConfirmed: phoneConfirmedSchema,
  // Without them, the account has the default of the expiry policy, and full access from anywhere.
  expiresAt: expirySchema.optional(),
  scopes: scopesSchema.optional(),
  allowedNetworks: networksSchema.optional(),
  // Without them, the account has no limit of its own, and no notes.
  requestsPerMinute: limitSchema.optional(),
  notes: notesSchema.optional(),
});

/** The fields that only the server can check. A form sends those that are filled in. */
export const checkNewAccountSchema = newApiAccountSchema
  .pick({ username: true, phone: true, isPhoneConfirmed: true, allowedNetworks: true })
  .partial();

export const editApiAccountSchema = z.object({
  id: z.uuid(),
  /** The account's version when the editor was opened. */
  version: z.int().min(1),
  email: emailSchema,
  phone: phoneSchema,
  isPhoneConfirmed: phoneConfirmedSchema,
  active: z.boolean(),
  // These are unchanged if they are missing.
  requestsPerMinute: limitSchema.optional(),
  displayName: createNameSchema(MAX_DISPLAY_NAME_LENGTH).optional(),
  notes: notesSchema.optional(),
  expiresAt: expirySchema.optional(),
  scopes: scopesSchema.optional(),
  allowedNetworks: networksSchema.optional(),
});

/** What the reset dialog showed: the account's version, its current reveal, and whether it had a key. */
const seenKeySchema = z.object({
  version: z.int().min(1),
  revealId: z.uuid().nullable(),
  hasKey: z.boolean(),
});

/** The account's id, and what the administrator typed as its username. */
export const deleteApiAccountSchema = z.object({ id: z.uuid(), username: z.string().max(MAX_TYPED_LENGTH) });

/** Checks whether a typed text is this username. Ignores case, outer spaces, and how quotes and dashes were typed. */
export const isTypedUsername = (typed: string, username: string) =>
  foldUsername(normalizeUsername(typed)) === foldUsername(normalizeUsername(username));

/** How long the old key of a reset works at most, in hours: 7 days. */
export const MAX_OLD_KEY_HOURS = 7 * 24;

/** When the old key of a reset stops working, as the management API spells it. */
export const oldKeySchema = z.union(
  [
    z.enum(['immediately', 'on_collection', 'on_first_use']),
    z.strictObject({ hours: z.int().min(1).max(MAX_OLD_KEY_HOURS) }),
  ],
  {
    error: `Use "immediately", "on_collection", "on_first_use" or {"hours": 1 to ${MAX_OLD_KEY_HOURS}}.`,
  },
);

export type OldKeyChoice = z.infer<typeof oldKeySchema>;

export const resetApiKeySchema = z.object({
  id: z.uuid(),
  seen: seenKeySchema,
  /** Missing: immediately. */
  oldKey: oldKeySchema.optional(),
});

export type SeenKey = z.infer<typeof seenKeySchema>;

export type NewApiAccount = z.infer<typeof newApiAccountSchema>;
export type CheckedFields = z.infer<typeof checkNewAccountSchema>;
export type DeleteApiAccount = z.infer<typeof deleteApiAccountSchema>;
export type EditApiAccount = z.infer<typeof editApiAccountSchema>;
/** What an edit changes. Missing fields are unchanged. Without a version, an edit in the meantime is no conflict. */
export type AccountChanges = { id: string } & {
  [Field in keyof EditApiAccount]?: EditApiAccount[Field] | undefined;
};

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
  /** The company's current name; may be empty. */
  displayName: string;
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
  createdAt: Date;
  /** From when on its keys are refused; null if it does not expire. */
  expiresAt: Date | null;
  /** Null if no old key works. */
  oldKey: OldKey | null;
  /** Whether the current reveal's link still works: it is not used, expired or locked. */
  isRevealOpen: boolean;
  /** Problems with the current reveal's messages and with the notice of a contact change. */
  deliveryProblems: DeliveryProblem[];
  /** The oldest five unresolved reports of unauthorised contact changes, oldest first. */
  openReports: ChangeReport[];
  /** Null if no key leaked since the last reset. */
  leak: AccountLeak | null;
  /** Whether requests were refused in the last 24 hours because of a network that is still not allowed. */
  isNetworkRefused: boolean;
  /**
   * Why the SMS policy blocked the current reveal's newest SMS, as a fragment of a sentence. Null if it did not, if an
   * earlier SMS has the current code, or if the reveal has ended.
   */
  smsBlockedReason: string | null;
};

/** An account as its own page shows it to administrators. Names are null if the user no longer exists. */
export type AccountDetails = AccountSummary & {
  /** Notes of administrators; may be empty. */
  notes: string;
  createdBy: string | null;
  /** When the integrator collected the current key; null if there is none. */
  keyIssuedAt: Date | null;
  /** Null: full access. */
  scopes: string[] | null;
  /** IP addresses and CIDR ranges; null: anywhere. */
  allowedNetworks: string[] | null;
  /** IP address of the last request that was allowed; null if it is unknown. */
  lastIpAddress: string | null;
  /** Whether audit events from before contact details could be erased contain some. */
  hasPermanentDetails: boolean;
  /** When the account was read, by the database's clock. */
  readAt: Date;
};

/** An account that was deleted at most 30 days ago. Names are null if the user no longer exists. */
export type DeletedAccount = {
  id: string;
  username: string;
  createdAt: Date;
  createdBy: string | null;
  deletedAt: Date;
  deletedBy: string | null;
  /** As in `AccountDetails`. */
  hasPermanentDetails: boolean;
  /** When the account can no longer be seen, and its username can be used again. */
  expiresAt: Date;
};

/** An account whose key delivery has just started: its recipients, and why the SMS was blocked, if it was. */
export type StartedDelivery = Pick<
  AccountSummary,
  'id' | 'username' | 'email' | 'phone' | 'smsBlockedReason'
>;

/** What happened to an account's key after an administrator had read the account. */
export type KeyChange = {
  /**
   * `reset`: the key was reset. `collected`: the integrator collected it. `leaked`: it was reported as leaked. `edited`: the
   * account was edited.
   */
  kind: 'reset' | 'collected' | 'leaked' | 'edited';
  at: Date;
  /** The name of the administrator; null if the integrator or the reporter of a leak did it, or the user no longer exists. */
  by: string | null;
  /** Whether the administrator did it themselves, for example in another window. */
  isOwn: boolean;
};
