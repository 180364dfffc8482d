import { removeInvisible, toHalfWidth, unifySpaces } from './characters.ts';

/** Maximum length of an email address (RFC 5321, 4.5.3.1.3). */
const MAX_EMAIL_LENGTH = 254;
export const ENTER_EMAIL = 'Enter a full email address, such as name@example.com.';
export const EMAIL_TOO_LONG = `Email addresses can be up to ${MAX_EMAIL_LENGTH} characters.`;

/** RFC 5321, 4.5.3.1.1. */
const MAX_LOCAL_LENGTH = 64;
/** `dot-atom-text` (RFC 5322, 3.2.3). Quoted local parts and other alphabets are not supported. */
const LOCAL_PART = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
/** At least two labels (RFC 1035, 2.3.1). The last one has a letter, which excludes IP addresses. */
const DOMAIN = /^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+(?=[\d-]*[a-z])[a-z\d][a-z\d-]{0,61}[a-z\d]$/i;

/** Checks an email address whose domain is in ASCII. */
export function isEmailAddress(text: string): boolean {
  const [local = '', domain = '', ...rest] = text.split('@');
  return (
    rest.length === 0 && local.length <= MAX_LOCAL_LENGTH && LOCAL_PART.test(local) && DOMAIN.test(domain)
  );
}

/** Converts an internationalised domain to ASCII (`xn--…`), the form in which every mail server accepts it. */
export function toAsciiDomain(email: string): string {
  const [, local = '', domain = ''] =
    /^([^@]*@)([^\s/:?#@\\[\]%]*[^\x21-\x7e][^\s/:?#@\\[\]%]*)$/.exec(email) ?? [];
  const asciiDomain = domain && URL.parse(`http://${domain}`)?.hostname;
  return asciiDomain ? local + asciiDomain : email;
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Replaces a `mailto:` link (RFC 6068) by its address, without parameters such as the subject. */
function unwrapLink(text: string): string {
  return text.replace(/mailto:(?:\/\/)?([^\s?<>[\]()]*)(?:\?[^\s<>[\]()]*)?/gi, (_, link) =>
    unifySpaces(decodePercent(link)),
  );
}

/** Closing characters by opening ones with which a local part may begin, too. */
const PAIRS: Record<string, string> = { '"': '"', "'": "'", '`': '`', '*': '*', _: '_', '{': '}' };

/** Removes a label such as `Email:`, and bullets, quotes, brackets and punctuation at the ends. */
function removeWrapper(text: string): string {
  const address = text
    .trim()
    // No local part begins with them.
    .replace(/^(?:[-*] +|[\s<>([,;]|[^\p{ASCII}\p{L}\p{N}\p{C}])+/u, '')
    // A local part has no colon.
    .replace(/^[\p{L} -]{1,20}:(?!\/)\s*/u, '');
  // A domain ends with a letter or digit, or with a mark in some scripts.
  const [end = ''] = /[^\p{L}\p{N}\p{M}@]+$/u.exec(address) ?? [];
  let closings = end;
  let start = 0;
  for (const character of address) {
    const closing = PAIRS[character];
    if (closing === undefined || !closings.includes(closing)) break;
    closings = closings.replace(closing, '');
    start += 1;
  }
  return address.slice(start, address.length - end.length);
}

/** A text with exactly one pair of brackets: `Name <dev@example.org>`, `Name [mailto:dev@example.org]`. */
const BRACKETS = [
  /^([^<>]*)<([^<>]*)>([^<>]*)$/,
  /^([^[\]]*)\[([^[\]]*)\]([^[\]]*)$/,
  /^([^()]*)\(([^()]*)\)([^()]*)$/,
];

/**
 * Takes the address out of the brackets, or removes the brackets without one: `dev@example.org (Name)`. Leaves a text
 * with two different addresses as it is.
 */
function removeName(text: string): string {
  for (const pattern of BRACKETS) {
    const match = pattern.exec(text);
    if (!match) continue;
    const [, before = '', inner = '', after = ''] = match;
    const outer = `${before} ${after}`;
    if (!inner.includes('@')) return outer;
    if (!outer.includes('@') || removeWrapper(outer) === removeWrapper(inner)) return inner;
  }
  return text;
}

/**
 * Normalises an email address as typed or pasted: `Name <dev@example.org>` and `mailto:dev@example.org?subject=Hello`
 * become `dev@example.org`. Of a text with two addresses, none is taken, so that its validation fails.
 */
export function normalizeEmail(text: string): string {
  const clean = toHalfWidth(removeInvisible(unifySpaces(text))).trim();
  const link = unwrapLink(clean);
  if (!link.includes('@')) return clean;
  // Word processors and phones write these hyphens and apostrophes. No address contains them.
  const address = removeName(link.replace(/[\u2010\u2011]/g, '-'));
  return toAsciiDomain(removeWrapper(address).replaceAll('’', "'"));
}

/**
 * Returns the error of a normalised email address that is only looked up, so that it need not be valid; undefined if there
 * is none.
 * @param required the error if it is empty
 */
export function checkLookupEmail(email: string, required: string): string | undefined {
  if (email === '') return required;
  if (email.length > MAX_EMAIL_LENGTH) return EMAIL_TOO_LONG;
  // PostgreSQL cannot store lone surrogates.
  return /^\P{Cs}*$/u.test(email) ? undefined : ENTER_EMAIL;
}
