import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_ATTEMPTS, retryDelay } from './retry-schedule.ts';

const delayAfter = (attempts: number, retryAfterSeconds?: number) =>
  retryDelay({ attempts, unanswered: false, totalUnanswered: 0, retryAfterSeconds });

describe('retryDelay', () => {
  it('doubles from two seconds to an hour and abandons after about four hours', () => {
    const delays = Array.from({ length: MAX_ATTEMPTS }, (_, index) => delayAfter(index + 1));
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
          const delay = delayAfter(attempts, retryAfter) ?? 0;
          expect(delay).toBeGreaterThanOrEqual(Math.min(retryAfter, 3_600));
          expect(delay).toBe(Math.max(delayAfter(attempts) ?? 0, Math.min(retryAfter, 3_600)));
        },
      ),
    );
  });

  it('waits 30 seconds, then 5 minutes after unanswered attempts, and abandons after the third', () => {
    const delayUnanswered = (times: number, attempts = times) =>
      retryDelay({ attempts, unanswered: true, totalUnanswered: times });
    expect([1, 2, 3].map((times) => delayUnanswered(times))).toEqual([30, 300, null]);
    expect(delayUnanswered(2, 12)).toBe(3_600);
    expect(retryDelay({ attempts: 5, unanswered: false, totalUnanswered: 2 })).toBe(32);
  });
});
