/** The check constraints of `sms_policy` have the same maximums. */
export const MAX_PER_DAY = 100_000;
export const MAX_PER_ACCOUNT = 1_000;

/**
 * Default daily limit for the installation. At the usual 5 to 10 US cents per SMS it caps the cost at about 20 US
 * dollars a day, and allows a hundred key deliveries with two codes each.
 */
export const DEFAULT_PER_DAY = 200;
/**
 * Default daily limit for one account. An integrator can request at most 6 SMS per key delivery (the first and 5 new
 * codes), so this allows three complete key deliveries and two more SMS.
 */
export const DEFAULT_PER_ACCOUNT = 20;

/** Share of the daily limit from which administrators are warned. */
export const WARNING_PERCENT = 80;

/** A comma or any space between groups of three digits. */
const THOUSANDS_SEPARATOR = /(?<=\d)[,\s](?=\d{3}(?!\d))/g;

/**
 * Parses a daily limit from a form.
 * @returns undefined if it is not a whole number from 0 to `max`
 */
export function parseDailyLimit(input: string | number, max: number): number | undefined {
  const digits = String(input).trim().replace(THOUSANDS_SEPARATOR, '');
  if (!/^\d{1,20}$/.test(digits)) return undefined;
  const limit = Number(digits);
  return limit <= max ? limit : undefined;
}
