/** The rows of common keyboards, the digits and the alphabet, forwards and backwards. */
const KEYBOARD_ROWS = [
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'qsdfghjklm',
  'zxcvbnm',
  'yxcvbnm',
  'wxcvbn',
  // Twice, because a run of digits often wraps around.
  '12345678901234567890',
  '01234567890123456789',
  'abcdefghijklmnopqrstuvwxyz',
].flatMap((row) => [row, [...row].toReversed().join('')]);
const MIN_RUN_LENGTH = 3;

/** Finds the shortest string of which the text is a repetition: `ab` for `abab`, `abc` for `abc`. */
export function findRepeatedUnit(text: string): string {
  return text.slice(0, `${text}${text}`.indexOf(text, 1));
}

const SEPARATORS = /[\s\p{P}\p{S}]+/gu;
const normalizeCase = (text: string) => text.normalize('NFKC').toLowerCase();

/** Keeps only letters and digits, in lower case, so that `Northwind-Traders!` equals `northwind traders`. */
export function keepLettersAndDigits(text: string): string {
  return normalizeCase(text).replace(SEPARATORS, '');
}

/** Returns the letters and digits of a whole term, and each of its words of at least three characters. */
export function splitWords(term: string): string[] {
  const words = normalizeCase(term)
    .split(SEPARATORS)
    .filter((word) => word.length >= 3);
  return [keepLettersAndDigits(term), ...words].filter((word) => word !== '');
}

/** Finds the length of the longest run along a row that starts at this index. */
function findRunLength(text: string, index: number): number {
  let longest = 0;
  for (const row of KEYBOARD_ROWS) {
    for (let length = longest + 1; index + length <= text.length; length += 1) {
      if (!row.includes(text.slice(index, index + length))) break;
      longest = length;
    }
  }
  return longest;
}

/** Returns whether a text consists only of runs along a row, such as `qwertyuiopasdfg` or `123456789012345`. */
export function consistsOfRuns(text: string): boolean {
  let index = 0;
  while (index < text.length) {
    const length = findRunLength(text, index);
    if (length < MIN_RUN_LENGTH) return false;
    index += length;
  }
  return text !== '';
}

/** Returns whether a text consists only of these words, in any order and number. */
export function consistsOfWords(text: string, words: string[]): boolean {
  // Marks the indexes that words can reach. A regular expression could take exponential time.
  const reachable = [true];
  for (let index = 0; index < text.length; index += 1) {
    if (!reachable[index]) continue;
    for (const word of words) if (text.startsWith(word, index)) reachable[index + word.length] = true;
  }
  return text !== '' && reachable[text.length] === true;
}

/**
 * Removes the digits at both ends, if those at each end form runs or are no longer than the rest. Otherwise returns the
 * text unchanged, because it consists mostly of unpredictable digits.
 */
export function removeOuterDigits(text: string): string {
  const rest = text.replace(/^\p{N}+/u, '').replace(/\p{N}+$/u, '');
  const start = text.indexOf(rest);
  const ends = [text.slice(0, start), text.slice(start + rest.length)];
  const arePredictable = ends.every((end) => consistsOfRuns(end) || end.length <= rest.length);
  return rest !== '' && arePredictable ? rest : text;
}
