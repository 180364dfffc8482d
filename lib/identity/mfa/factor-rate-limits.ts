import type pg from 'pg';
import { createRateLimiter, type RateLimit } from '#lib/platform/rate-limiter/rate-limiter.ts';

/**
 * Limits wrong authenticator codes per user, in all sign-ins together. Three codes are valid at a time, so 50 guesses a day
 * succeed with a probability of 15 in 100,000. Passkeys and recovery codes do not count: they cannot be guessed, and still
 * work after an attacker who knows the password has used up this limit.
 */
const CODES = [
  { name: 'factor-code', points: 10, seconds: 15 * 60 },
  { name: 'factor-code-day', points: 50, seconds: 24 * 60 * 60 },
];
/**
 * Limits wrong passwords and codes per session. Strangers cannot use it up: otherwise an attacker who knows the email
 * address, or the password of a user with an authenticator app, could keep the user from changing the password.
 */
const REAUTHENTICATION = [
  { name: 'reauthentication', points: 10, seconds: 15 * 60 },
  { name: 'reauthentication-day', points: 50, seconds: 24 * 60 * 60 },
];

type FactorAttempt = {
  ok: true;
  /** Refunds the attempt. Call it after a correct password or code, or if nothing was compared. */
  refund(): Promise<void>;
};
type AttemptResult = FactorAttempt | { ok: false; retryAfterSeconds: number };

async function consumeAttempt(pool: pg.Pool, limits: RateLimit[], key: string): Promise<AttemptResult> {
  const limiters = limits.map((limit) => createRateLimiter(pool, limit));
  for (const limiter of limiters) {
    const result = await limiter.consume(key);
    if (!result.ok) return result;
  }
  return {
    ok: true,
    async refund() {
      for (const limiter of limiters) await limiter.refund(key);
    },
  };
}

/** Consumes one attempt to sign in with a user's authenticator code, before the code is compared. */
export const consumeCodeAttempt = (pool: pg.Pool, userId: string) => consumeAttempt(pool, CODES, userId);

/** Consumes one attempt to re-authenticate in a session, before the password or the code is compared. */
export const consumeReauthAttempt = (pool: pg.Pool, sessionId: string) =>
  consumeAttempt(pool, REAUTHENTICATION, sessionId);
