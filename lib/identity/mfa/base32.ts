import { base32nopad } from '@scure/base';

/** Encodes as base32 (RFC 4648, section 6) without padding. */
export const toBase32 = (bytes: Uint8Array): string => base32nopad.encode(bytes);

/** Groups a string's characters by four, which makes them easier to read and type. */
export function groupCharacters(text: string, separator: ' ' | '-'): string {
  return text.match(/.{1,4}/g)?.join(separator) ?? '';
}
