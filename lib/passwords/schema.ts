/**
 * How many characters a password has at least, alone and beside a second factor (NIST SP 800-63B-4, 3.1.1.2). Nothing is
 * asked about which characters these are.
 */
export const LEAST_ALONE = 15;

/** Whether a password is long enough for somebody without a second factor. Unicode code points count, not bytes. */
export function standsAlone(password: string): boolean {
  return [...password].length >= LEAST_ALONE;
}
