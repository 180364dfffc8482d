/** The default alphabet (3GPP TS 23.038, section 6.2.1) without the escape character. Each character is one septet. */
const DEFAULT_ALPHABET = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);

/** The extension table (section 6.2.1.1). Each character is two septets: an escape character and its code. */
const EXTENSION_TABLE = new Set('\f^{}\\[~]|€');

/** Replacements for characters that neither GSM-7 has nor Unicode decomposes. */
const REPLACEMENTS: Record<string, string> = {
  '’': "'",
  '‘': "'",
  '‚': ',',
  '“': '"',
  '”': '"',
  '„': '"',
  '«': '"',
  '»': '"',
  '–': '-',
  '—': '-',
  '‐': '-',
  '−': '-',
  '·': '.',
  '•': '-',
  '×': 'x',
  '`': "'",
  '©': '(c)',
  '®': '(R)',
  Œ: 'OE',
  œ: 'oe',
  Ł: 'L',
  ł: 'l',
  Đ: 'D',
  đ: 'd',
  Ð: 'D',
  ð: 'd',
  Ħ: 'H',
  ħ: 'h',
  Þ: 'Th',
  þ: 'th',
  ı: 'i',
  ẞ: 'SS',
};

/** Counts the septets of one character: 1 or 2. Returns undefined if GSM-7 does not have it. */
function countCharacterSeptets(character: string): number | undefined {
  if (DEFAULT_ALPHABET.has(character)) return 1;
  return EXTENSION_TABLE.has(character) ? 2 : undefined;
}

/** Counts the septets of a text. Returns undefined if GSM-7 cannot encode it. */
export function countSeptets(text: string): number | undefined {
  let total = 0;
  for (const character of text) {
    const count = countCharacterSeptets(character);
    if (count === undefined) return undefined;
    total += count;
  }
  return total;
}

function transliterateCharacter(character: string): string {
  if (countCharacterSeptets(character) !== undefined) return character;
  const replacement = REPLACEMENTS[character] ?? character.normalize('NFD');
  return [...replacement].filter((part) => countCharacterSeptets(part) !== undefined).join('');
}

/** Transliterates text to one GSM-7 line: ç becomes c. Removes characters that have no transliteration. */
export function toGsm7Line(text: string): string {
  const line = Array.from(text.normalize('NFKC').replace(/[\s\p{Cc}]+/gu, ' '), transliterateCharacter).join(
    '',
  );
  return line.replace(/ {2,}/g, ' ').trim();
}

/** Shortens a GSM-7 line to at most `maxSeptets`. A shortened line ends in `..`. */
export function shortenLine(line: string, maxSeptets: number): string {
  if ((countSeptets(line) ?? 0) <= maxSeptets) return line;
  let kept = '';
  for (const character of line) {
    if ((countSeptets(`${kept}${character}..`) ?? 0) > maxSeptets) break;
    kept += character;
  }
  return `${kept.replace(/[ .,;:&(/-]+$/, '')}..`;
}
