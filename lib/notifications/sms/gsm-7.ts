/** Default alphabet: 3GPP TS 23.038, section 6.2.1. One septet each. Excludes the escape. */
const ALPHABET = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);

/** Extension table: section 6.2.1.1. An escape and a septet each. */
const EXTENSION = new Set('\f^{}\\[~]|€');

/** Replacements for characters that Unicode does not decompose. */
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

/** Counts the septets of one character: 1, 2, or undefined if GSM-7 does not have it. */
function countCharacter(character: string): number | undefined {
  if (ALPHABET.has(character)) return 1;
  return EXTENSION.has(character) ? 2 : undefined;
}

/** Counts the septets of a text; a segment has 160. Returns undefined if GSM-7 cannot encode it. */
export function septets(text: string): number | undefined {
  let total = 0;
  for (const character of text) {
    const count = countCharacter(character);
    if (count === undefined) return undefined;
    total += count;
  }
  return total;
}

function transliterate(character: string): string {
  if (countCharacter(character) !== undefined) return character;
  const replacement = REPLACEMENTS[character] ?? character.normalize('NFD');
  return [...replacement].filter((part) => countCharacter(part) !== undefined).join('');
}

/** Transliterates text to one GSM-7 line: removes unsupported accents (ç becomes c) and other characters. */
export function toGsm7Line(text: string): string {
  const line = Array.from(text.normalize('NFKC').replace(/[\s\p{Cc}]+/gu, ' '), transliterate).join('');
  return line.replace(/ {2,}/g, ' ').trim();
}

/** Shortens a GSM-7 line to `maxSeptets`, ending in `..`. */
export function shorten(line: string, maxSeptets: number): string {
  if ((septets(line) ?? 0) <= maxSeptets) return line;
  let kept = '';
  for (const character of line) {
    if ((septets(`${kept}${character}..`) ?? 0) > maxSeptets) break;
    kept += character;
  }
  return `${kept.replace(/[ .,;:&(/-]+$/, '')}..`;
}
