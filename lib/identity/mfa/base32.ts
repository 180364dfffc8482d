import { base32nopad } from '@scure/base';

/** Encodes as base32 (RFC 4648, section 6) without padding. */
export const toBase32 = (bytes: Uint8Array): string => base32nopad.encode(bytes);

/** Splits a text into groups of four, as people read and type it. */
export function groupCharacters(text: string, between: ' ' | '-'): string {
  return text.match(/.{1,4}/g)?.join(between) ?? '';
}
