import { MAX_REQUESTS_PER_MINUTE } from '#lib/platform/config/limits.ts';

/** Between groups of three digits: a comma or a space of any kind. */
const THOUSANDS = /(?<=\d)[,\s](?=\d{3}(?!\d))/g;

/**
 * Reads a number of requests a minute as somebody typed it.
 * @returns null where nothing was typed: no limit of the account's own; undefined where it is no whole number from
 *   1 to 1,000,000
 */
export function parseLimit(typed: string | number | null): number | null | undefined {
  const text = String(typed ?? '').trim();
  if (text === '') return null;
  const digits = text.replace(THOUSANDS, '');
  if (!/^\d{1,20}$/.test(digits)) return undefined;
  const limit = Number(digits);
  return limit >= 1 && limit <= MAX_REQUESTS_PER_MINUTE ? limit : undefined;
}
