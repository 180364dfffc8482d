import { cleanAscii, unifyDashes } from './characters.ts';

/** Digits in groups that one space or hyphen separates. No letter may touch them: then they are part of a word. */
const DIGIT_GROUPS = /(?<![A-Za-z0-9_])\d+(?:[ -]\d+)*(?![A-Za-z0-9_])/g;

/** Lists the six-digit codes in groups of digits: `123 456` is one, `123456 654321` are two, `7894 123456` is none. */
function listCodes(groups: string): string[] {
  const parts = groups.split(/[ -]/);
  const digits = parts.join('');
  if (digits.length === 6) return [digits];
  return parts.every((part) => part.length === 6) ? parts : [];
}

/**
 * Finds the six-digit code in what was typed or pasted, such as `123 456`, `#123456.` or a whole text message.
 * @returns null if there is no code, or if there are different ones
 */
export function findCode(text: string): string | null {
  const clean = unifyDashes(cleanAscii(text));
  const characters = clean.replace(/[^\p{L}\p{N}]/gu, '');
  if (/^\d{6}$/.test(characters)) return characters;
  const codes = new Set((clean.match(DIGIT_GROUPS) ?? []).flatMap(listCodes));
  const [code, ...others] = codes;
  return code !== undefined && others.length === 0 ? code : null;
}

/** Letters of the base32 alphabet, by the digit that looks similar and is not in the alphabet. */
const SIMILAR_LETTERS: Record<string, string> = { 0: 'O', 1: 'I', 8: 'B' };

/**
 * Parses a recovery code in any case and grouping, with any punctuation around it, into 16 base32 characters. Ignores the
 * number that some browsers copy with an entry of a list.
 * @returns null if it is malformed
 */
export function parseRecoveryCode(text: string): string | null {
  const entry = cleanAscii(text).replace(/^(?:10|[1-9])[.)] +/, '');
  const characters = entry.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase();
  const code = characters.replace(/[018]/g, (digit) => SIMILAR_LETTERS[digit] ?? digit);
  return /^[A-Z2-7]{16}$/.test(code) ? code : null;
}
