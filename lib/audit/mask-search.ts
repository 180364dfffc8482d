/** The beginning of an IPv4 address with at least one dot, or of an IPv6 address. */
const IP_ADDRESS_PREFIX = /^\d{1,3}(?:\.\d{0,3}){1,3}$|^(?=.*:)[\da-f:.]+$/i;

/** Digits that a phone number, or a useful part of one, has at least. A username may also have a few digits. */
const MIN_DIGITS = { withLetters: 7, alone: 5 };

/**
 * Replaces the text of a search by what it is, if it is an email address, a phone number or a part of one. An event that
 * contains a search is about no account, so it could not be erased with one.
 */
export function maskSearch(search: string): string {
  if (search.includes('@')) return '[email address]';
  const digits = search.match(/\p{Nd}/gu)?.length ?? 0;
  const minDigits = /\p{L}/u.test(search) ? MIN_DIGITS.withLetters : MIN_DIGITS.alone;
  return digits >= minDigits && !IP_ADDRESS_PREFIX.test(search) ? '[phone number]' : search;
}
