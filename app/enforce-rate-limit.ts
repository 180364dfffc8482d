import { clientAddress } from '#lib/identity/sessions/session.ts';
import { databasePool } from '#lib/platform/database.ts';
import { addressBlock } from '#lib/platform/http/address-block.ts';
import { createRateLimiter, type RateLimit } from '#lib/platform/rate-limiter/rate-limiter.ts';

export type RateLimited = { ok: false; reason: 'throttled'; retryAfterSeconds: number };

/** Takes a turn of this limit for this client's address, where one is left. For what needs no sign-in. */
export async function enforceRateLimitOf(limit: RateLimit): Promise<{ ok: true } | RateLimited> {
  const turn = await createRateLimiter(databasePool(), limit).take(addressBlock(await clientAddress()));
  return turn.ok ? turn : { ...turn, reason: 'throttled' };
}
