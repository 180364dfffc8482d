import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Base62 digits in order of value. Without punctuation, so that a double click selects a whole key. */
export const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const TAG_LENGTH = 8;
const RANDOM_LENGTH = 50;
const CHECKSUM_LENGTH = 6;
export const KEY_LENGTH = TAG_LENGTH + RANDOM_LENGTH + CHECKSUM_LENGTH;

const KEY_PATTERN = new RegExp(`^[0-9A-Za-z]{${KEY_LENGTH}}$`);

/** Computes the CRC-32 (ISO 3309, as in zip and PNG) of a text as six base62 digits, most significant first. */
export function computeChecksum(text: string): string {
  let remainder = crc32(text);
  let digits = '';
  for (let index = 0; index < CHECKSUM_LENGTH; index += 1) {
    digits = ALPHABET.charAt(remainder % 62) + digits;
    remainder = Math.floor(remainder / 62);
  }
  return digits;
}

/** Maps a character code to the value of its base62 digit. */
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

/** Bytes from this value on are discarded (rejection sampling), so that all characters are equally likely. */
const UNBIASED_LIMIT = 256 - (256 % ALPHABET.length);

function generateCharacters(count: number): string {
  let characters = '';
  while (characters.length < count) {
    for (const byte of randomBytes(count - characters.length)) {
      if (byte < UNBIASED_LIMIT) characters += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return characters;
}

/**
 * Generates an API key: the tag, 50 random base62 characters (297 bits), and the CRC-32 of both in 6 characters.
 * @param tag 8 base62 characters
 */
export function generateKey(tag: string): string {
  const body = tag + generateCharacters(RANDOM_LENGTH);
  return body + computeChecksum(body);
}

/**
 * Computes a key's SHA-256 digest, which is stored instead of the key.
 * A slow hash is unnecessary: 297 random bits cannot be guessed, and the verifier computes a digest per request.
 */
export function digestKey(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}

/** Computes the digest in hexadecimal, the form in which the verifier sends it to the database. */
export function digestKeyAsHex(key: string): string {
  return hash('sha256', key, 'hex');
}
