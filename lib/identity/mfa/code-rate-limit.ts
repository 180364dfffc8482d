import type pg from 'pg';
import { createRateLimiter } from '#lib/platform/rate-limiter/rate-limiter.ts';

/**
 * How many wrong codes a person's authenticator app takes, over all sign-ins that got the password right: with three
 * codes good at a time, fifty a day find one with a chance of 15 in 100,000. Passkeys and recovery codes do not count:
 * nobody guesses 80 random bits, five tries for each password, and so nobody who has found out a password can keep its
 * owner out who has one of these.
 */
const LIMITS = [
  { name: 'factor-code', points: 10, seconds: 15 * 60 },
  { name: 'factor-code-day', points: 50, seconds: 24 * 60 * 60 },
];

export type CodeAttempt = { ok: true /** After the right code. */; giveBack(): Promise<void> };

/** Spends one try of the codes of a person's app, before the code is compared. */
export async function consumeCodeAttempt(
  pool: pg.Pool,
  userId: string,
): Promise<CodeAttempt | { ok: false; retryAfterSeconds: number }> {
  const rateLimits = LIMITS.map((limit) => createRateLimiter(pool, limit));
  for (const throttle of rateLimits) {
    const taken = await throttle.take(userId);
    if (!taken.ok) return taken;
  }
  return {
    ok: true,
    async giveBack() {
      for (const throttle of rateLimits) await throttle.giveBack(userId);
    },
  };
}
