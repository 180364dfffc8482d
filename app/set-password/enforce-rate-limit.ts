import { enforceRateLimitOf, type RateLimited } from '../enforce-rate-limit.ts';

const TEN_MINUTES = 10 * 60;

/** What one address may do in ten minutes, whatever the links: against somebody who tries many. */
const LIMITS = {
  look: { name: 'set-password-look', points: 600, seconds: TEN_MINUTES },
  set: { name: 'set-password-set', points: 60, seconds: TEN_MINUTES },
} as const;

/** Takes a turn for this client's address, where one is left. */
export function enforceRateLimit(kind: keyof typeof LIMITS): Promise<{ ok: true } | RateLimited> {
  return enforceRateLimitOf(LIMITS[kind]);
}
