import { timingSafeEqual } from 'node:crypto';
import { parse } from 'uuid';
import { sign } from '#lib/platform/signed-tokens/sign.ts';
import { makeToken, readToken } from '#lib/platform/signed-tokens/token.ts';

const LINK = 'link';
const UUID_BYTES = 16;
const CODES = 1_000_000n;

/** The token in a reveal's link, 64 characters of base64url. */
export function linkToken(revealId: string, secret: string): string {
  return makeToken(LINK, revealId, secret);
}

/** The id of the reveal that a token is for; null where the token is not one of ours, to the letter. */
export function readLinkToken(token: string, secret: string): string | null {
  return readToken(LINK, token, secret);
}

/**
 * The six digits of a reveal's code of one generation. (64 bits modulo a million: no code is likelier than
 * another by more than one part in 10^13.)
 */
export function deriveCode(revealId: string, generation: number, secret: string): string {
  const message = Buffer.alloc(UUID_BYTES + 4);
  message.set(parse(revealId));
  message.writeUInt32BE(generation, UUID_BYTES);
  const number = sign('code', secret, message).readBigUInt64BE() % CODES;
  return number.toString().padStart(6, '0');
}

/** Whether two codes are the same, in a time that does not tell how far they agree. */
export function codesMatch(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
