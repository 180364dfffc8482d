import { randomBytes } from 'node:crypto';
import { ALPHABET, checksum, RANDOM_LENGTH } from './format.ts';

/** Bytes from here on are thrown away, so that no character is likelier than another. */
const UNBIASED = 256 - (256 % ALPHABET.length);

function randomCharacters(count: number): string {
  let characters = '';
  while (characters.length < count) {
    for (const byte of randomBytes(count - characters.length)) {
      if (byte < UNBIASED) characters += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return characters;
}

/**
 * Mints an API key: the tag, 50 random base62 characters (297 bits), and 6 of CRC-32 over both.
 * @param tag 8 base62 characters
 */
export function generateKey(tag: string): string {
  const body = tag + randomCharacters(RANDOM_LENGTH);
  return body + checksum(body);
}
