import { timingSafeEqual } from 'node:crypto';
import { parse, stringify } from 'uuid';
import { sign } from './derive-key.ts';

/**
 * Lists the kinds of links, with the purpose that each kind's tokens are signed for. A token is therefore valid for one
 * kind only. Do not change a purpose: links that were sent before would stop working.
 * `keyPage` is in no link: only the page that shows a key receives it.
 */
const SIGNING_PURPOSES = {
  reveal: 'link',
  changeReport: 'objection link',
  emailLink: 'user link',
  keyPage: 'key page',
} as const;

export type LinkKind = keyof typeof SIGNING_PURPOSES;

const UUID_BYTES = 16;
const TOKEN_BYTES = UUID_BYTES + 32;

/**
 * Creates the token of a link: the id of the link's row and its HMAC, 64 characters of base64url.
 * Tokens are derived when they are needed, so none is stored, and a retry sends the same message.
 * @param secret AUTH_SECRET
 */
export function createLinkToken(kind: LinkKind, id: string, secret: string): string {
  const bytes = parse(id);
  return Buffer.concat([bytes, sign(SIGNING_PURPOSES[kind], secret, bytes)]).toString('base64url');
}

/** Returns the id of the link's row; null if the token is invalid for this kind of link, or not canonical base64url. */
export function readLinkToken(kind: LinkKind, token: string, secret: string): string | null {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== TOKEN_BYTES || bytes.toString('base64url') !== token) return null;
  const id = bytes.subarray(0, UUID_BYTES);
  if (!timingSafeEqual(bytes.subarray(UUID_BYTES), sign(SIGNING_PURPOSES[kind], secret, id))) return null;
  return stringify(id);
}
