import { createToken, readToken } from '#lib/platform/signed-tokens/token.ts';

/** Separates these tokens from those of other links. The row says whether it is an invitation or a reset. */
const USER_LINK = 'user link';

/**
 * Returns the token of an invitation or a password reset: 64 characters of base64url.
 * @param secret AUTH_SECRET
 */
export function userLinkToken(linkId: string, secret: string): string {
  return createToken(USER_LINK, linkId, secret);
}

/** Returns the id of a token's row; null if the token is not exactly one of ours. */
export function readUserLinkToken(token: string, secret: string): string | null {
  return readToken(USER_LINK, token, secret);
}
