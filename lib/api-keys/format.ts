import { crc32 } from 'node:zlib';

/** 0-9, A-Z, a-z: what a double click selects whole. */
export const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
export const TAG_LENGTH = 8;
export const RANDOM_LENGTH = 50;
export const CHECKSUM_LENGTH = 6;
export const KEY_LENGTH = TAG_LENGTH + RANDOM_LENGTH + CHECKSUM_LENGTH;

const KEY = new RegExp(`^[0-9A-Za-z]{${KEY_LENGTH}}$`);

/** Writes the CRC-32 (ISO 3309, as in zip and PNG) of a text as six base62 digits, most significant first. */
export function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let index = 0; index < CHECKSUM_LENGTH; index += 1) {
    digits = ALPHABET.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

/** The value of each base62 digit by its character code. */
const DIGIT_VALUES = Uint8Array.from({ length: 128 }, (_, code) =>
  Math.max(0, ALPHABET.indexOf(String.fromCharCode(code))),
);

/** Checks a key's length, alphabet, tag and checksum, so that a mistyped one is refused without the database. */
export function isWellFormedKey(text: string, tag: string): boolean {
  if (!KEY.test(text) || !text.startsWith(tag)) return false;
  // Reading the digits is faster than writing them again, and the verifier does this with each request.
  let stated = 0;
  for (let index = KEY_LENGTH - CHECKSUM_LENGTH; index < KEY_LENGTH; index += 1) {
    stated = stated * 62 + (DIGIT_VALUES[text.charCodeAt(index)] ?? 0);
  }
  return crc32(text.slice(0, -CHECKSUM_LENGTH)) === stated;
}
