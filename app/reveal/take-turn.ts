import { clientAddress } from '#lib/auth/session.ts';
import { addressBlock } from '#lib/client-addresses/address-block.ts';
import { databasePool } from '#lib/database.ts';
import { createThrottle } from '#lib/throttles/throttle.ts';

const TEN_MINUTES = 10 * 60;

/**
 * What one address may do in ten minutes, whatever the links. Each link has its own, much tighter limits; these
 * are against somebody who tries many.
 */
const LIMITS = {
  look: { name: 'reveal-look', points: 600, seconds: TEN_MINUTES },
  submit: { name: 'reveal-submit', points: 200, seconds: TEN_MINUTES },
  newCode: { name: 'reveal-new-code', points: 60, seconds: TEN_MINUTES },
} as const;

export type Throttled = { ok: false; reason: 'throttled'; retryAfterSeconds: number };

/** Takes a turn for this client's address, where one is left. */
export async function takeTurn(kind: keyof typeof LIMITS): Promise<{ ok: true } | Throttled> {
  const turn = await createThrottle(databasePool(), LIMITS[kind]).take(addressBlock(await clientAddress()));
  return turn.ok ? turn : { ...turn, reason: 'throttled' };
}
