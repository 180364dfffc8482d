import { cleanAscii, unifyDashes } from './characters.ts';

/** What people write between digits. */
const SEPARATORS = /[\s().\-/·•_[\]]/g;
const PLUS_SIGNS = /[\ufe62\u207a\u2795]/g;
/** Anything after the number that has no digits, such as `(mobile)` or a comma. A letter may not touch the number. */
const REMARK = /(?<=\d)(?:[^\d\p{L}+][^\d+]*)?$/u;

/**
 * One or two digits in brackets or after a slash, at the end: an extension, or the last digits of another number. In
 * `+33/6/12/34/56/78`, slashes separate all pairs of digits.
 */
const SECOND_NUMBER = /(?:\(\s*\d{1,2}\s*\)|(?<!\/\s*\d\d\s*)\/\s*\d{1,2})\D*$/;

/** Removes words before the number, such as `Mobile:`. They have no digits, except the one of `Mobile 2:`. */
function removeLabel(text: string): string {
  const plus = text.indexOf('+');
  if (plus < 0) return text.replace(/^\D+(?=\d)/, '');
  const label = text.slice(0, plus);
  const digitCount = label.replace(/\D/g, '').length;
  const isLabel = digitCount === 0 || (digitCount === 1 && /\p{L}/u.test(label) && label.includes(':'));
  return isLabel ? text.slice(plus) : text;
}

/**
 * Normalises a phone number as typed or pasted: `(+44) 7894 123456`, `Mobile: +44 7894-123456,` and `tel:0044…` become
 * `+44…`. A text that is more than one number is returned almost unchanged, so that its validation fails.
 */
export function normalizePhone(text: string): string {
  const clean = unifyDashes(cleanAscii(text.replace(PLUS_SIGNS, '+')));
  // A link (RFC 3966, RFC 5724) may have parameters after the number, but not an extension.
  const number = clean.replace(/^(?:tel|sms|callto):([^;?]*)(?:[;?](?!ext=).*)?$/i, '$1');
  // The bracketed zero is only dialled within the country.
  const international = removeLabel(number).replace(/^((?:\+|00)[\d\s).-]+)\(\s*0\s*\)/, '$1');
  if (SECOND_NUMBER.test(international)) return clean;
  const bare = international.replace(REMARK, '').replace(SEPARATORS, '');
  return /^\+*\d+$/.test(bare) ? bare.replace(/^(?:\+*00(?=[1-9])|\++)/, '+') : clean;
}
