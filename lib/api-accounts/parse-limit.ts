import { MAX_REQUESTS_PER_MINUTE } from '#lib/platform/config/limits.ts';
import { normalizeWholeNumber } from '#lib/platform/user-input/number.ts';

/**
 * Parses a limit in requests per minute, as typed.
 * @returns null for an empty input (the account has no limit of its own); undefined if the input is not a whole number
 *   from 1 to 1,000,000
 */
export function parseLimit(typed: string | number | null): number | null | undefined {
  const digits = normalizeWholeNumber(String(typed ?? ''));
  if (digits === '') return null;
  if (!/^\d{1,20}$/.test(digits)) return undefined;
  const limit = Number(digits);
  return limit >= 1 && limit <= MAX_REQUESTS_PER_MINUTE ? limit : undefined;
}
