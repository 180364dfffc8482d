/** What fingers run along: the rows of the usual keyboards, the digits and the alphabet. */
const ROWS = [
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'qsdfghjklm',
  'zxcvbnm',
  'yxcvbnm',
  'wxcvbn',
  // Twice, since after the 9 or the 0 one goes on from the front.
  '12345678901234567890',
  '01234567890123456789',
  'abcdefghijklmnopqrstuvwxyz',
].flatMap((row) => [row, [...row].toReversed().join('')]);
const SHORTEST_RUN = 3;

/** What a text is over and over: `abab` is `ab`, and `abc` is itself. */
export function unitOf(text: string): string {
  return text.slice(0, `${text}${text}`.indexOf(text, 1));
}

const SIGNS = /[\s\p{P}\p{S}]+/gu;
const alike = (text: string) => text.normalize('NFKC').toLowerCase();

/** Letters and digits only, all alike: so `Northwind-Traders!` is no better than `northwind traders`. */
export function bare(text: string): string {
  return alike(text).replace(SIGNS, '');
}

/** A term as a whole, and each word of it that is long enough to be tried. */
export function wordsOf(term: string): string[] {
  const words = alike(term)
    .split(SIGNS)
    .filter((word) => word.length >= 3);
  return [bare(term), ...words].filter((word) => word !== '');
}

/** How long the run is that begins here, in any of the rows. */
function runAt(text: string, at: number): number {
  let longest = 0;
  for (const row of ROWS) {
    for (let length = longest + 1; at + length <= text.length; length += 1) {
      if (!row.includes(text.slice(at, at + length))) break;
      longest = length;
    }
  }
  return longest;
}

/** Whether a text is nothing but runs along a row, such as `qwertyuiopasdfg` or `123456789012345`. */
export function isRuns(text: string): boolean {
  let at = 0;
  while (at < text.length) {
    const length = runAt(text, at);
    if (length < SHORTEST_RUN) return false;
    at += length;
  }
  return text !== '';
}

/** Whether a text is nothing but these words, in any order, each as often as you like. */
export function isMadeOf(text: string, words: string[]): boolean {
  // By the places that can be reached: a pattern of a regular expression could take for ever.
  const reached = [true];
  for (let at = 0; at < text.length; at += 1) {
    if (!reached[at]) continue;
    for (const word of words) if (text.startsWith(word, at)) reached[at + word.length] = true;
  }
  return text !== '' && reached[text.length] === true;
}

/**
 * A text without the digits at its ends, where they add little: they are a run, or no more than the rest. What is
 * mostly digits that nobody can foresee stays as it is.
 */
export function withoutEnds(text: string): string {
  const rest = text.replace(/^\p{N}+/u, '').replace(/\p{N}+$/u, '');
  const start = text.indexOf(rest);
  const ends = [text.slice(0, start), text.slice(start + rest.length)];
  const addLittle = ends.every((end) => isRuns(end) || end.length <= rest.length);
  return rest !== '' && addLittle ? rest : text;
}
