import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { parse, stringify } from 'uuid';

const UUID_BYTES = 16;
const TOKEN_BYTES = UUID_BYTES + 32;
const CODES = 1_000_000n;

/** One key per purpose (RFC 5869), so that nothing that is signed for one can serve another. */
function keyFor(purpose: string, secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `stagedoor ${purpose} v1`, 32));
}

function sign(purpose: string, secret: string, message: Uint8Array): Buffer {
  return createHmac('sha256', keyFor(purpose, secret)).update(message).digest();
}

/**
 * The token in a reveal's link: its id and an HMAC of it, 64 characters of base64url. Derived each time it is
 * needed, so that there is nothing to store and a retry sends the same message.
 */
export function linkToken(revealId: string, secret: string): string {
  const id = parse(revealId);
  return Buffer.concat([id, sign('link', secret, id)]).toString('base64url');
}

/** The id of the reveal that a token is for; null where the token is not one of ours, to the letter. */
export function readLinkToken(token: string, secret: string): string | null {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== TOKEN_BYTES || bytes.toString('base64url') !== token) return null;
  const id = bytes.subarray(0, UUID_BYTES);
  if (!timingSafeEqual(bytes.subarray(UUID_BYTES), sign('link', secret, id))) return null;
  return stringify(id);
}

/**
 * The six digits of a reveal's code of one generation. (64 bits modulo a million: no code is likelier than
 * another by more than one part in 10^13.)
 */
export function codeFor(revealId: string, generation: number, secret: string): string {
  const message = Buffer.alloc(UUID_BYTES + 4);
  message.set(parse(revealId));
  message.writeUInt32BE(generation, UUID_BYTES);
  const number = sign('code', secret, message).readBigUInt64BE() % CODES;
  return number.toString().padStart(6, '0');
}

/** Whether two codes are the same, in a time that does not tell how far they agree. */
export function sameCode(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
