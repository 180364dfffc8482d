import { crc32 } from 'node:zlib';

/** Base62 digits in order of value. A double click selects a whole key. */
export const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
export const TAG_LENGTH = 8;
export const RANDOM_LENGTH = 50;
export const CHECKSUM_LENGTH = 6;
export const KEY_LENGTH = TAG_LENGTH + RANDOM_LENGTH + CHECKSUM_LENGTH;

const KEY_PATTERN = new RegExp(`^[0-9A-Za-z]{${KEY_LENGTH}}$`);

/** Computes the CRC-32 (ISO 3309, as in zip and PNG) of a text as six base62 digits, most significant first. */
export function checksum(text: string): string {
  let remainder = crc32(text);
  let digits = '';
  for (let index = 0; index < CHECKSUM_LENGTH; index += 1) {
    digits = ALPHABET.charAt(remainder % 62) + digits;
    remainder = Math.floor(remainder / 62);
  }
  return digits;
}

/** The value of each base62 digit by its character code. */
const DIGIT_VALUES = Uint8Array.from({ length: 128 }, (_, code) =>
  Math.max(0, ALPHABET.indexOf(String.fromCharCode(code))),
);

/** Checks a key's length, alphabet, tag and checksum, so that a mistyped key is rejected without a database query. */
export function isWellFormedKey(text: string, tag: string): boolean {
  if (!KEY_PATTERN.test(text) || !text.startsWith(tag)) return false;
  // Decoding the checksum is faster than encoding a new one, and the verifier does this for every request.
  let expected = 0;
  for (let index = KEY_LENGTH - CHECKSUM_LENGTH; index < KEY_LENGTH; index += 1) {
    expected = expected * 62 + (DIGIT_VALUES[text.charCodeAt(index)] ?? 0);
  }
  return crc32(text.slice(0, -CHECKSUM_LENGTH)) === expected;
}
