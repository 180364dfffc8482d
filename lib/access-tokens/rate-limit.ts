import type { RateLimitStatus } from '#lib/platform/rate-limiter/rate-limiter.ts';

/** How many requests a minute each access token may make. */
export const TOKEN_RATE_LIMIT = { name: 'access-token', points: 600, seconds: 60 };

/** Formats `RateLimit` fields (draft-ietf-httpapi-ratelimit-headers-11), as the verifier does. */
export const createRateLimitHeaders = ({
  limit,
  windowSeconds,
  remaining,
  resetSeconds,
}: RateLimitStatus) => ({
  'RateLimit-Policy': `"minute";q=${limit};w=${windowSeconds}`,
  RateLimit: `"minute";r=${remaining};t=${resetSeconds}`,
});
