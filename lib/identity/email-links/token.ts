import { makeToken, readToken } from '#lib/platform/signed-tokens/token.ts';

/** No other link's purpose: none can serve as another. What it is for stands in its row. */
const USER_LINK = 'user link';

/** The token in the link of an invitation or a password reset, 64 characters of base64url. `secret`: AUTH_SECRET. */
export function userLinkToken(linkId: string, secret: string): string {
  return makeToken(USER_LINK, linkId, secret);
}

/** The id of the row that a token is for; null where the token is not one of ours, to the letter. */
export function readUserLinkToken(token: string, secret: string): string | null {
  return readToken(USER_LINK, token, secret);
}
