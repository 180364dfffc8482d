import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calculateRetryDelay, MAX_ATTEMPTS } from './retry-schedule.ts';

/** Calculates the delay after failed attempts that the provider responded to. */
const calculateDelay = (attempts: number, retryAfterSeconds?: number) =>
  calculateRetryDelay({ attempts, isUnanswered: false, unansweredAttempts: 0, retryAfterSeconds });

describe('calculateRetryDelay', () => {
  it('doubles from two seconds to an hour, and returns null after about four hours', () => {
    const delays = Array.from({ length: MAX_ATTEMPTS }, (_, index) => calculateDelay(index + 1));
    expect(delays.slice(0, 4)).toEqual([2, 4, 8, 16]);
    expect(delays.slice(-4)).toEqual([3_600, 3_600, 3_600, null]);
    const hours = delays.reduce<number>((sum, delay) => sum + (delay ?? 0), 0) / 3_600;
    expect(hours).toBeGreaterThan(4);
    expect(hours).toBeLessThan(4.5);
  });

  it('honours the Retry-After of the provider up to an hour', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 14 }),
        fc.integer({ min: 1, max: 100_000 }),
        (attempts, retryAfter) => {
          const delay = calculateDelay(attempts, retryAfter) ?? 0;
          expect(delay).toBeGreaterThanOrEqual(Math.min(retryAfter, 3_600));
          expect(delay).toBe(Math.max(calculateDelay(attempts) ?? 0, Math.min(retryAfter, 3_600)));
        },
      ),
    );
  });

  it('returns 30 seconds or more, then 5 minutes or more after unanswered attempts, and null after the third', () => {
    const calculateUnansweredDelay = (unansweredAttempts: number, attempts = unansweredAttempts) =>
      calculateRetryDelay({ attempts, isUnanswered: true, unansweredAttempts });
    expect([1, 2, 3].map((count) => calculateUnansweredDelay(count))).toEqual([30, 300, null]);
    // After many attempts, the usual delay is longer.
    expect(calculateUnansweredDelay(2, 12)).toBe(3_600);
    // The provider responded to the last attempt, so only the usual delay counts.
    expect(calculateRetryDelay({ attempts: 5, isUnanswered: false, unansweredAttempts: 2 })).toBe(32);
  });
});
