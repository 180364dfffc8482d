import { randomInt } from 'node:crypto';

/** No letters or digits that look like another: no i, l, o, 0, 1. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A random password that can be read out: 20 characters (99 bits) in groups of five, with hyphens between. */
export function generatePassword(): string {
  const group = () => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: 4 }, group).join('-');
}
