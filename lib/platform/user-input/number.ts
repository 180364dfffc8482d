import { cleanAscii } from './characters.ts';

/** A comma, an apostrophe, a space or the Arabic separator between groups of three digits. */
const THOUSANDS_SEPARATOR = /(?<=\d)[, '’\u066c](?=\d{3}(?!\d))/g;

/** Normalises a whole number as typed or pasted: `１,000` and `1 000` become `1000`. */
export function normalizeWholeNumber(text: string): string {
  return cleanAscii(text).replace(THOUSANDS_SEPARATOR, '');
}
