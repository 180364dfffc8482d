import { z } from 'zod';
import { ACCESS_TOKEN_SCOPES, type AccessTokenScope } from '#lib/platform/authorization/actor.ts';
import { normalizeWholeNumber } from '#lib/platform/user-input/number.ts';
import { createNameSchema } from '#lib/platform/user-input/schema.ts';

export { ACCESS_TOKEN_SCOPES } from '#lib/platform/authorization/actor.ts';

/** The first characters of every access token, by which secret scanners find it. */
export const ACCESS_TOKEN_TAG = 'stagetok';

/** How many days an access token works by default, and at most. A check constraint repeats the maximum. */
export const DEFAULT_TOKEN_DAYS = 90;
export const MAX_TOKEN_DAYS = 365;

const MAX_NAME_LENGTH = 80;
const DAYS_ERROR = `Enter a whole number from 1 to ${MAX_TOKEN_DAYS}.`;

/** Parses a lifetime in days from a form; undefined if it is not a whole number from 1 to 365. */
export function parseTokenDays(typed: string | number): number | undefined {
  const digits = normalizeWholeNumber(String(typed));
  const days = /^\d{1,20}$/.test(digits) ? Number(digits) : 0;
  return days >= 1 && days <= MAX_TOKEN_DAYS ? days : undefined;
}

const daysSchema = z.union([z.string(), z.number()], { error: DAYS_ERROR }).transform((typed, context) => {
  const days = parseTokenDays(typed);
  if (days !== undefined) return days;
  context.addIssue({ code: 'custom', message: DAYS_ERROR });
  return z.NEVER;
});

export const newAccessTokenSchema = z.object({
  name: createNameSchema(MAX_NAME_LENGTH).pipe(
    z.string().min(1, { error: 'Enter a name, such as that of the program that uses the token.' }),
  ),
  scopes: z
    .array(z.enum(ACCESS_TOKEN_SCOPES))
    .min(1, { error: 'Choose what the token can do.' })
    .max(ACCESS_TOKEN_SCOPES.length)
    .transform((scopes) => ACCESS_TOKEN_SCOPES.filter((scope) => scopes.includes(scope))),
  days: daysSchema,
});

export const revokeAccessTokenSchema = z.object({ id: z.uuid() });

export type NewAccessToken = z.infer<typeof newAccessTokenSchema>;

/** An access token as its page shows it. Names are null if the user no longer exists. */
export type AccessTokenDetails = {
  id: string;
  name: string;
  scopes: AccessTokenScope[];
  createdAt: Date;
  createdBy: string | null;
  expiresAt: Date;
  lastUsedAt: Date | null;
  lastIpAddress: string | null;
  /** `expired`: its time has passed without being revoked. */
  state: 'valid' | 'revoked' | 'expired';
  revokedAt: Date | null;
  revokedBy: string | null;
  /** Whether it was revoked because it had leaked. */
  hasLeaked: boolean;
};
