/**
 * How many characters a password has at least, alone and beside a second factor (NIST SP 800-63B-4, 3.1.1.2). Nothing is
 * asked about which characters these are.
 */
export const LEAST_ALONE = 15;
const LEAST_BESIDE_FACTOR = 8;

/** Why a password is not taken. `least`: how many characters this person's has at least. */
export type PasswordRefused =
  | { ok: false; reason: 'short'; least: number }
  /** It is one of the commonest, or of those over and over. */
  | { ok: false; reason: 'common' }
  /** It is no more than a name or an address that anybody would try. */
  | { ok: false; reason: 'about_you' };

/** How many characters the password of somebody has at least. */
export function leastLength({ hasFactor }: { hasFactor: boolean }): number {
  return hasFactor ? LEAST_BESIDE_FACTOR : LEAST_ALONE;
}

/** How long a password is. Unicode code points count, not bytes. */
export function countCharacters(password: string): number {
  return [...password].length;
}

/** Whether a password is long enough for somebody without a second factor. */
export function standsAlone(password: string): boolean {
  return countCharacters(password) >= LEAST_ALONE;
}
