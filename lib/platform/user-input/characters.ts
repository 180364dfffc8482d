/** Maximum length of what is typed or pasted into a field. Bounds the work of normalising it. */
export const MAX_TYPED_LENGTH = 1_000;

/** Every kind of space and line break, and the blank braille pattern. */
const SPACE = /[\s\p{Z}\u0085\u2800]/gu;
/** Characters without a glyph: direction marks, zero-width characters, soft hyphens, byte-order marks and the like. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}]/gu;

/** Replaces every kind of space and line break by a space. */
export const unifySpaces = (text: string) => text.replace(SPACE, ' ');

/** Replaces every kind of dash and hyphen, and the minus sign, by `-`. */
export const unifyDashes = (text: string) => text.replace(/[\p{Pd}\u2212\u2043]/gu, '-');

/** Replaces full-width forms of ASCII characters (`＋４４`) by ASCII. */
export function toHalfWidth(text: string): string {
  return text.replace(/[\uff01-\uff5e]/g, (character) =>
    String.fromCharCode(character.charCodeAt(0) - 0xfee0),
  );
}

/** Returns the ASCII digit of the same value. Unicode encodes the digits of a script in order, from 0 to 9. */
function toAsciiDigit(digit: string): string {
  const codePoint = digit.codePointAt(0) ?? 0;
  let zero = codePoint;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  // The digits of one script may directly follow those of another.
  return String((codePoint - zero) % 10);
}

/** Cleans a text in which only ASCII is meaningful, such as a number or a code: `４４` and `٤٤` become `44`. */
export function cleanAscii(text: string): string {
  return toHalfWidth(unifySpaces(text).replace(INVISIBLE, ''))
    .replace(/(?![0-9])\p{Nd}/gu, toAsciiDigit)
    .trim();
}

const JOINER = String.raw`\p{Join_Control}`;
/** The sign that removes the vowel of the letter before it, in the scripts of India, Sri Lanka and Myanmar. */
const VIRAMA = String.raw`[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b\u0d3c\u0d4d\u0dca\u1039\u103a\u17d2]`;
const JOINING_SCRIPTS = [
  'Adlam',
  'Arabic',
  'Bengali',
  'Devanagari',
  'Gujarati',
  'Gurmukhi',
  'Hanifi_Rohingya',
  'Kannada',
  'Khmer',
  'Malayalam',
  'Mandaic',
  'Mongolian',
  'Myanmar',
  'Nko',
  'Oriya',
  'Sinhala',
  'Syriac',
  'Tamil',
  'Telugu',
];
/** A visible letter or mark of a script that uses joiners. */
const JOINING = String.raw`(?=[\p{L}\p{M}])(?!\p{Default_Ignorable_Code_Point})(?:${JOINING_SCRIPTS.map((script) => String.raw`\p{scx=${script}}`).join('|')})`;
const EMOJI = String.raw`\p{Extended_Pictographic}`;

/**
 * Invisible characters that change what is read: joiners in the scripts that need them (RFC 5892, appendices A.1 and
 * A.2), and the joiners, variation selectors and tags of emoji and ideographs.
 */
const MEANINGFUL = new RegExp(
  [
    `(?<=${VIRAMA})${JOINER}`,
    `(?<=${JOINING})${JOINER}(?=${JOINING})`,
    String.raw`(?<=${EMOJI}[\ufe0f\p{Emoji_Modifier}]{0,2})\u200d(?=${EMOJI})`,
    String.raw`(?<=${EMOJI}\p{Emoji_Modifier}?)[\ufe0e\ufe0f]`,
    String.raw`(?<=[0-9#*])\ufe0f(?=\u20e3)`,
    String.raw`(?<=\p{Ideographic})[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]`,
    String.raw`(?<=(?=\p{L})\p{scx=Mongolian})\p{Variation_Selector}`,
    String.raw`(?<=\u{1f3f4}[\u{e0020}-\u{e007e}]{0,7})[\u{e0020}-\u{e007f}]`,
  ].join('|'),
  'gu',
);
/** Invisible characters that no context makes meaningful. */
const MEANINGLESS =
  /(?![\p{Join_Control}\p{Variation_Selector}\u{e0020}-\u{e007f}])[\p{Default_Ignorable_Code_Point}\p{Cc}]/gu;

function removeOnce(text: string): string {
  // First those that would separate a meaningful one from its context.
  const candidates = text.replace(MEANINGLESS, '').replace(/(\p{Join_Control})\p{Join_Control}+/gu, '$1');
  const meaningful = new Set(Array.from(candidates.matchAll(MEANINGFUL), ({ index }) => index));
  const kept = candidates.replace(/\p{Default_Ignorable_Code_Point}/gu, (character, index: number) =>
    meaningful.has(index) ? character : '',
  );
  return kept.normalize('NFC');
}

/**
 * Removes invisible characters from a text in any language, except those that change what is read, and normalises it to
 * NFC. Repeats that, because each removal and composition changes the context of the remaining characters.
 */
export function removeInvisible(text: string): string {
  const next = removeOnce(text);
  return next === text ? text : removeInvisible(next);
}
