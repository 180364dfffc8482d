import { z } from 'zod';
import { MAX_PER_ACCOUNT_PER_DAY, MAX_PER_DAY, parseDailyLimit } from './limits.ts';

/** Creates the schema of a daily limit, which is a string from a form or a number. */
const createDailyLimitSchema = (max: number) => {
  const error = `Enter a whole number from 0 to ${max.toLocaleString('en-GB')}. 0 turns texts off.`;
  return z.union([z.string(), z.number()], { error }).transform((input, context) => {
    const limit = parseDailyLimit(input, max);
    if (limit !== undefined) return limit;
    context.addIssue({ code: 'custom', message: error });
    return z.NEVER;
  });
};

export const smsPolicySchema = z.object({
  /** The version that the editor read; 0 before the first save. */
  version: z.int().min(0),
  /** ISO 3166-1 alpha-2. Only the server checks whether the countries exist, because it has the numbering plans. */
  countries: z.array(z.string().regex(/^[A-Z]{2}$/)).max(300),
  perDay: createDailyLimitSchema(MAX_PER_DAY),
  perAccountPerDay: createDailyLimitSchema(MAX_PER_ACCOUNT_PER_DAY),
});

export type NewSmsPolicy = z.infer<typeof smsPolicySchema>;

/** The allowed countries and the daily limits of SMS. */
export type SmsPolicy = {
  /** Allowed besides the organisation's own. ISO 3166-1 alpha-2, in alphabetical order. */
  countries: string[];
  /** Limit for all accounts together; 0 blocks all SMS. */
  perDay: number;
  /** Limit for one account; 0 blocks all SMS. */
  perAccountPerDay: number;
  /** Increases with each change. 0 means that the policy was never changed: the defaults apply. */
  version: number;
};

/** A country in a list. `callingCode`: digits, without the +. */
export type Country = { code: string; name: string; callingCode: string };

/** How many SMS were queued and blocked today, and the daily limit for all accounts. */
export type SmsUsage = {
  queued: number;
  blocked: number;
  perDay: number;
  /** When the next day begins. */
  resetsAt: Date;
  /** The organisation's time zone (IANA name), in which days begin at midnight. */
  timeZone: string;
};
