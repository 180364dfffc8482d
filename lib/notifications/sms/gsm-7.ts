/** 3GPP TS 23.038, section 6.2.1: the default alphabet, one septet each (without the escape). */
const ALPHABET = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);

/** Section 6.2.1.1: the extension table, an escape and a septet each. */
const EXTENSION = new Set('\f^{}\\[~]|€');

/** Letters and marks that lose nothing essential in another spelling, and that Unicode does not take apart. */
const SPELLINGS: Record<string, string> = {
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

/** What one character takes of a text's 160 septets: 1 or 2, or `undefined` where GSM-7 does not know it. */
function septetsOf(character: string): number | undefined {
  if (ALPHABET.has(character)) return 1;
  return EXTENSION.has(character) ? 2 : undefined;
}

/** How many septets a text takes in GSM-7; a segment has 160. `undefined` where it cannot be written in GSM-7. */
export function septets(text: string): number | undefined {
  let sum = 0;
  for (const character of text) {
    const count = septetsOf(character);
    if (count === undefined) return undefined;
    sum += count;
  }
  return sum;
}

function spell(character: string): string {
  if (septetsOf(character) !== undefined) return character;
  const spelling = SPELLINGS[character] ?? character.normalize('NFD');
  return [...spelling].filter((part) => septetsOf(part) !== undefined).join('');
}

/** Writes one line in GSM-7: accents that it lacks are dropped (ç becomes c), and what it cannot write is left out. */
export function toGsm7Line(text: string): string {
  const spelled = Array.from(text.normalize('NFKC').replace(/[\s\p{Cc}]+/gu, ' '), spell).join('');
  return spelled.replace(/ {2,}/g, ' ').trim();
}

/** The beginning of a GSM-7 line, with `..` in place of what is more than `room` septets. */
export function shorten(line: string, room: number): string {
  if ((septets(line) ?? 0) <= room) return line;
  let kept = '';
  for (const character of line) {
    if ((septets(`${kept}${character}..`) ?? 0) > room) break;
    kept += character;
  }
  return `${kept.replace(/[ .,;:&(/-]+$/, '')}..`;
}
