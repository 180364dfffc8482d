import { clientAddress } from '#lib/auth/session.ts';
import { addressBlock } from '#lib/client-addresses/address-block.ts';
import { databasePool } from '#lib/database.ts';
import { createThrottle, type ThrottleLimit } from '#lib/throttles/throttle.ts';

export type Throttled = { ok: false; reason: 'throttled'; retryAfterSeconds: number };

/** Takes a turn of this limit for this client's address, where one is left. For what needs no sign-in. */
export async function takeTurnOf(limit: ThrottleLimit): Promise<{ ok: true } | Throttled> {
  const turn = await createThrottle(databasePool(), limit).take(addressBlock(await clientAddress()));
  return turn.ok ? turn : { ...turn, reason: 'throttled' };
}
