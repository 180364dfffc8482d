import type pg from 'pg';
import { createRateLimiter } from '#lib/platform/rate-limiter/rate-limiter.ts';

/**
 * Limits wrong authenticator codes per user, in all sign-ins and re-authentications together. Three codes are valid at a
 * time, so 50 guesses a day succeed with a probability of 15 in 100,000. Passkeys and recovery codes do not count: they
 * cannot be guessed, and still work after an attacker who knows the password has used up this limit.
 */
const LIMITS = [
  { name: 'factor-code', points: 10, seconds: 15 * 60 },
  { name: 'factor-code-day', points: 50, seconds: 24 * 60 * 60 },
];

export type CodeAttempt = {
  ok: true;
  /** Refunds the attempt. Call it after a correct code, or if no code was compared. */
  refund(): Promise<void>;
};

/** Consumes one attempt at a user's authenticator codes, before the code is compared. */
export async function consumeCodeAttempt(
  pool: pg.Pool,
  userId: string,
): Promise<CodeAttempt | { ok: false; retryAfterSeconds: number }> {
  const limiters = LIMITS.map((limit) => createRateLimiter(pool, limit));
  for (const limiter of limiters) {
    const result = await limiter.consume(userId);
    if (!result.ok) return result;
  }
  return {
    ok: true,
    async refund() {
      for (const limiter of limiters) await limiter.refund(userId);
    },
  };
}
