import { makeToken, readToken } from '#lib/platform/signed-tokens/token.ts';

/** Not the reveal's purpose: neither link can serve as the other. */
const OBJECTION = 'objection link';

/** The token in the link "this was not us" of a notice, 64 characters of base64url. */
export function changeReportToken(changeId: string, secret: string): string {
  return makeToken(OBJECTION, changeId, secret);
}

/** The id of the change that a token is for; null where the token is not one of ours, to the letter. */
export function readChangeReportToken(token: string, secret: string): string | null {
  return readToken(OBJECTION, token, secret);
}
