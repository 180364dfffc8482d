/** 0-9, A-Z, a-z: what a double click selects whole. */
export const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
export const TAG_LENGTH = 8;
export const RANDOM_LENGTH = 50;
export const CHECKSUM_LENGTH = 6;
export const KEY_LENGTH = TAG_LENGTH + RANDOM_LENGTH + CHECKSUM_LENGTH;

const KEY = new RegExp(`^[0-9A-Za-z]{${KEY_LENGTH}}$`);

/** The table of CRC-32 (ISO 3309, as in zip and PNG), reflected polynomial 0xEDB88320. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(text: string, length = text.length): number {
  let crc = 0xffffffff;
  for (let index = 0; index < length; index += 1) {
    crc = (CRC_TABLE[(crc ^ text.charCodeAt(index)) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** The CRC-32 of an ASCII text as six base62 digits, most significant first. */
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

/**
 * Whether a text can be a key at all: its length, alphabet, tag and checksum. A mistyped key is not, so it is
 * refused before any database is asked.
 */
export function isWellFormedKey(text: string, tag: string): boolean {
  if (!KEY.test(text) || !text.startsWith(tag)) return false;
  // The digits are read rather than written anew: the verifier asks this with each request.
  let stated = 0;
  for (let index = KEY_LENGTH - CHECKSUM_LENGTH; index < KEY_LENGTH; index += 1) {
    stated = stated * 62 + (DIGIT_VALUES[text.charCodeAt(index)] ?? 0);
  }
  return crc32(text, KEY_LENGTH - CHECKSUM_LENGTH) === stated;
}
