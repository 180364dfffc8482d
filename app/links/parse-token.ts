import { cleanAscii } from '#lib/platform/user-input/characters.ts';

/** Length of the token of every link that Stagedoor emails: 48 bytes in base64url. */
const TOKEN_LENGTH = 64;

/** Decodes percent-encoding; returns the text unchanged if it is malformed. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Removes punctuation after a token, which `-` and `_` may be, too. Other characters would make it another token. */
const removePunctuation = (text: string) =>
  /^[_-]+$/.test(text.slice(TOKEN_LENGTH)) ? text.slice(0, TOKEN_LENGTH) : text;

/** Returns the first characters that a token can have. Ignores quotation marks, brackets, parameters and other text. */
const findToken = (text: string) => removePunctuation(/[\w-]+/.exec(text)?.[0] ?? '');

/**
 * Returns the token in the fragment of a link, as the reader copied it or a mail program changed it; null if it is
 * incomplete. Only the server knows whether it is valid.
 * @param fragment without the `#`
 */
export function parseToken(fragment: string): string | null {
  // PDF readers copy U+2010 for a hyphen, and word processors write U+2011.
  const text = cleanAscii(decode(fragment)).replace(/[\u2010\u2011]/g, '-');
  const token = findToken(text);
  if (token.length >= TOKEN_LENGTH) return token;
  // A mail program may have broken the line within the token.
  const joined = findToken(text.replaceAll(/=?\s+/g, ''));
  return joined.length === TOKEN_LENGTH ? joined : null;
}
