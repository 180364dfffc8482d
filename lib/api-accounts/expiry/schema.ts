import { z } from 'zod';
import { normalizeWholeNumber } from '#lib/platform/user-input/number.ts';

/** The longest lifetime that the policy can name: ten years. The check constraints of `expiry_policy` repeat it. */
export const MAX_LIFETIME_DAYS = 3_650;

/**
 * Parses a lifetime in days from a form.
 * @returns null for an empty input; undefined if it is not a whole number from 1 to 3,650
 */
export function parseDays(typed: string | number | null): number | null | undefined {
  const digits = normalizeWholeNumber(String(typed ?? ''));
  if (digits === '') return null;
  if (!/^\d{1,20}$/.test(digits)) return undefined;
  const days = Number(digits);
  return days >= 1 && days <= MAX_LIFETIME_DAYS ? days : undefined;
}

const DAYS_ERROR = `Enter a whole number from 1 to ${MAX_LIFETIME_DAYS.toLocaleString('en-GB')}, or leave this empty.`;

const daysSchema = z
  .union([z.string(), z.number(), z.null()], { error: DAYS_ERROR })
  .transform((typed, context) => {
    const days = parseDays(typed);
    if (days !== undefined) return days;
    context.addIssue({ code: 'custom', message: DAYS_ERROR });
    return z.NEVER;
  });

export const expiryPolicySchema = z
  .object({
    /** The version that the editor read; 0 before the first save. */
    version: z.int().min(0),
    defaultDays: daysSchema,
    maxDays: daysSchema,
  })
  .refine(({ defaultDays, maxDays }) => defaultDays === null || maxDays === null || defaultDays <= maxDays, {
    path: ['defaultDays'],
    error: 'The default can’t be longer than the maximum.',
  });

export type NewExpiryPolicy = z.infer<typeof expiryPolicySchema>;

/** How long API accounts work by default, and at most. */
export type ExpiryPolicy = {
  /** Lifetime of a new account, in days. Null: the maximum, or without an expiry if there is none. */
  defaultDays: number | null;
  /** For how many days an expiry may be set; null if there is no limit. */
  maxDays: number | null;
  /** Increases with each change. 0 means that the policy was never changed. */
  version: number;
};

/** What the expiry policy allows today. */
export type ExpiryLimits = {
  /** The expiry of a new account, if the administrator chooses nothing else; null if it does not expire. */
  defaultExpiresAt: Date | null;
  /** The latest expiry that may be set; null if there is no maximum. Then an account need not expire. */
  latestExpiresAt: Date | null;
  /** The maximum, in days. */
  maxDays: number | null;
  /** The organisation's time zone (IANA name), in which days end at midnight. */
  timeZone: string;
};
