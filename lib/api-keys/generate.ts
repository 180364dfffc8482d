import { randomBytes } from 'node:crypto';
import { ALPHABET, checksum, RANDOM_LENGTH } from './format.ts';

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
  return body + checksum(body);
}
