import { timingSafeEqual } from 'node:crypto';
import { parse, stringify } from 'uuid';
import { sign } from './sign.ts';

const UUID_BYTES = 16;
const TOKEN_BYTES = UUID_BYTES + 32;

/**
 * Creates the token of a link: an id and its HMAC for one purpose, 64 characters of base64url.
 * Tokens are derived when needed, so nothing is stored, and a retry sends the same message.
 * @param secret AUTH_SECRET
 */
export function createToken(purpose: string, id: string, secret: string): string {
  const bytes = parse(id);
  return Buffer.concat([bytes, sign(purpose, secret, bytes)]).toString('base64url');
}

/** Returns a token's id, or null if the token is not valid for this purpose. Accepts only the canonical encoding. */
export function readToken(purpose: string, token: string, secret: string): string | null {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== TOKEN_BYTES || bytes.toString('base64url') !== token) return null;
  const id = bytes.subarray(0, UUID_BYTES);
  if (!timingSafeEqual(bytes.subarray(UUID_BYTES), sign(purpose, secret, id))) return null;
  return stringify(id);
}
