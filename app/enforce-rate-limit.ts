import { readClientIpAddress } from '#lib/identity/sessions/require-role.ts';
import { publicDatabasePool } from '#lib/platform/database.ts';
import { getIpAddressBlock } from '#lib/platform/http/ip-address.ts';
import { createRateLimiter, type RateLimit } from '#lib/platform/rate-limiter/rate-limiter.ts';

type RateLimitRefusal = { ok: false; reason: 'rate_limited'; retryAfterSeconds: number };

/** Consumes one request from a rate limit per client IP address. For actions that need no session. */
export async function enforceRateLimit(limit: RateLimit): Promise<{ ok: true } | RateLimitRefusal> {
  const result = await createRateLimiter(publicDatabasePool(), limit).consume(
    getIpAddressBlock(await readClientIpAddress()),
  );
  return result.ok ? result : { ...result, reason: 'rate_limited' };
}
