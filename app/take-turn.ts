import { clientAddress } from '#lib/identity/sessions/session.ts';
import { databasePool } from '#lib/platform/database.ts';
import { addressBlock } from '#lib/platform/http/address-block.ts';
import { createThrottle, type ThrottleLimit } from '#lib/platform/rate-limiter/rate-limiter.ts';

export type Throttled = { ok: false; reason: 'throttled'; retryAfterSeconds: number };

/** Takes a turn of this limit for this client's address, where one is left. For what needs no sign-in. */
export async function takeTurnOf(limit: ThrottleLimit): Promise<{ ok: true } | Throttled> {
  const turn = await createThrottle(databasePool(), limit).take(addressBlock(await clientAddress()));
  return turn.ok ? turn : { ...turn, reason: 'throttled' };
}
