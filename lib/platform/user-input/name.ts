import { MAX_TYPED_LENGTH, removeInvisible, unifySpaces } from './characters.ts';
import { isEmailAddress, normalizeEmail } from './email.ts';

/** Normalises a name: NFC, single spaces, without outer spaces and without invisible characters that have no meaning. */
export function normalizeName(text: string): string {
  return removeInvisible(unifySpaces(text)).replace(/ {2,}/g, ' ').trim();
}

/**
 * Normalises a username like a name, and replaces the quotes and dashes of word processors. A username is half of a
 * credential: many HTTP clients refuse such characters in Basic authentication.
 */
export function normalizeUsername(text: string): string {
  return normalizeName(text)
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[‘’‚‛]/g, "'")
    .replace(/[“”„‟]/g, '"')
    .replaceAll('…', '...');
}

/** Truncates the text of a search, and normalises it like a name, or like an email address if it is one. */
export function normalizeSearch(text: string): string {
  const typed = text.slice(0, MAX_TYPED_LENGTH);
  const email = normalizeEmail(typed);
  return isEmailAddress(email) ? email : normalizeName(typed);
}

/**
 * Folds a username for comparison: NFKC, trimmed, case-insensitive, without joiners. The upper case in between makes `ß`
 * and `ẞ` equal to `ss`.
 */
export function foldUsername(username: string): string {
  return username
    .replace(/\p{Join_Control}/gu, '')
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .toUpperCase()
    .toLowerCase();
}

/**
 * Folds a search for a part of a username. Usernames have the quotes and dashes of a keyboard, except those that are older
 * than this rule, so a search has up to two forms.
 */
export function foldUsernameSearch(search: string): string[] {
  return [...new Set([foldUsername(search), foldUsername(normalizeUsername(search))])];
}

/** Control, format, surrogate, private-use and unassigned characters, except the joiners that `normalizeName` keeps. */
const UNPRINTABLE = /(?![\p{Join_Control}\u{e0020}-\u{e007f}])\p{C}/u;

/**
 * Describes how to remove the first unprintable character of a normalised name.
 * @returns undefined if there is none
 */
export function describeUnprintable(name: string): string | undefined {
  const { 0: character, index = 0 } = UNPRINTABLE.exec(name) ?? {};
  if (character === undefined) return undefined;
  const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
  const before = [...name.slice(0, index)].slice(-12).join('').trim();
  const place = before ? `after “${before}”` : 'at the beginning';
  return `Remove the character ${place}. It can’t be displayed (U+${code}).`;
}

/** Removes unprintable characters, including those that PostgreSQL cannot store: NUL and lone surrogates. */
export function removeUnprintable(text: string): string {
  return text.replace(new RegExp(UNPRINTABLE, 'gu'), '');
}
