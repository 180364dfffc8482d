import { randomInt } from 'node:crypto';

/** Excludes characters that look like others: i, l, o, 0, 1. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';

/** Generates a random password that is easy to read out: 20 characters (99 bits) in groups of five with hyphens. */
export function generatePassword(): string {
  const generateGroup = () => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: 4 }, generateGroup).join('-');
}
