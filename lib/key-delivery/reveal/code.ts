import { timingSafeEqual } from 'node:crypto';
import { parse } from 'uuid';
import { sign } from '#lib/platform/signed-tokens/derive-key.ts';

const UUID_BYTES = 16;
const POSSIBLE_CODES = 1_000_000n;

/**
 * Derives a six-digit code of a reveal. `generation`: the code's number within the reveal, from 1.
 * Modulo bias is negligible: 64 bits modulo a million favour no code by more than one part in 10^13.
 */
export function deriveCode(revealId: string, generation: number, secret: string): string {
  const message = Buffer.alloc(UUID_BYTES + 4);
  message.set(parse(revealId));
  message.writeUInt32BE(generation, UUID_BYTES);
  const number = sign('code', secret, message).readBigUInt64BE() % POSSIBLE_CODES;
  return number.toString().padStart(6, '0');
}

/** Compares two codes in constant time. */
export function codesMatch(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
