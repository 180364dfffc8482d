import { removeUnprintable } from './name.ts';

/** Normalises notes: NFC, LF between lines, no characters that cannot be displayed, no spaces at the end of lines. */
export function normalizeNotes(text: string): string {
  return text
    .normalize('NFC')
    .split(/\r\n|[\r\n\u2028\u2029]/)
    .map((line) => removeUnprintable(line.replaceAll('\t', ' ')).trimEnd())
    .join('\n')
    .trim();
}
