import { clientAddress } from '#lib/identity/sessions/require-role.ts';
import { databasePool } from '#lib/platform/database.ts';
import { addressBlock } from '#lib/platform/http/client-address.ts';
import { createRateLimiter, type RateLimit } from '#lib/platform/rate-limiter/rate-limiter.ts';

type RateLimited = { ok: false; reason: 'throttled'; retryAfterSeconds: number };

/** Consumes one request from a rate limit per client IP address. For actions that need no sign-in. */
export async function enforceRateLimit(limit: RateLimit): Promise<{ ok: true } | RateLimited> {
  const result = await createRateLimiter(databasePool(), limit).consume(addressBlock(await clientAddress()));
  return result.ok ? result : { ...result, reason: 'throttled' };
}
