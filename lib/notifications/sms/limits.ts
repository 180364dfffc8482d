import { normalizeWholeNumber } from '#lib/platform/user-input/number.ts';

/** Maximums of the daily limits. The check constraints of `sms_policy` contain them, too. */
export const MAX_PER_DAY = 100_000;
export const MAX_PER_ACCOUNT_PER_DAY = 1_000;

/**
 * Default daily limit for the installation. At the usual 5 to 10 US cents per SMS it caps the cost at about 20 US
 * dollars a day, and allows a hundred key deliveries with two codes each.
 */
export const DEFAULT_PER_DAY = 200;
/**
 * Default daily limit for one account. Unless an administrator resends the code, a key delivery sends at most 6 SMS:
 * the first code, and 5 new codes that the integrator can request. So this allows three key deliveries and two more
 * SMS.
 */
export const DEFAULT_PER_ACCOUNT_PER_DAY = 20;

/** Share of the installation's daily limit from which administrators are warned. */
export const WARNING_PERCENT = 80;

/**
 * Parses a daily limit from a form.
 * @returns undefined if it is not a whole number from 0 to `max`
 */
export function parseDailyLimit(input: string | number, max: number): number | undefined {
  const digits = normalizeWholeNumber(String(input));
  if (!/^\d{1,20}$/.test(digits)) return undefined;
  const limit = Number(digits);
  return limit <= max ? limit : undefined;
}
