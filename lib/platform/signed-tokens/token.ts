import { timingSafeEqual } from 'node:crypto';
import { parse, stringify } from 'uuid';
import { sign } from './sign.ts';

const UUID_BYTES = 16;
const TOKEN_BYTES = UUID_BYTES + 32;

/**
 * The token in a link: the id of what it is about and an HMAC of that for one purpose, 64 characters of base64url.
 * Derived each time it is needed, so that there is nothing to store and a retry sends the same message.
 */
export function makeToken(purpose: string, id: string, secret: string): string {
  const bytes = parse(id);
  return Buffer.concat([bytes, sign(purpose, secret, bytes)]).toString('base64url');
}

/** The id that a token is for; null where it was not made for this purpose, or is not one of ours, to the letter. */
export function readToken(purpose: string, token: string, secret: string): string | null {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== TOKEN_BYTES || bytes.toString('base64url') !== token) return null;
  const id = bytes.subarray(0, UUID_BYTES);
  if (!timingSafeEqual(bytes.subarray(UUID_BYTES), sign(purpose, secret, id))) return null;
  return stringify(id);
}
