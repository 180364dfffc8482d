import { enforceRateLimitOf, type RateLimited } from '../enforce-rate-limit.ts';

const TEN_MINUTES = 10 * 60;

/**
 * What one address may do in ten minutes, whatever the links. Each link has its own, much tighter limits; these
 * are against somebody who tries many.
 */
const LIMITS = {
  look: { name: 'reveal-look', points: 600, seconds: TEN_MINUTES },
  touch: { name: 'reveal-touch', points: 600, seconds: TEN_MINUTES },
  submit: { name: 'reveal-submit', points: 200, seconds: TEN_MINUTES },
  newCode: { name: 'reveal-new-code', points: 60, seconds: TEN_MINUTES },
} as const;

/** Takes a turn for this client's address, where one is left. */
export function enforceRateLimit(kind: keyof typeof LIMITS): Promise<{ ok: true } | RateLimited> {
  return enforceRateLimitOf(LIMITS[kind]);
}
