import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_ATTEMPTS, nextDelay } from './schedule.ts';

const plain = (attempts: number, retryAfterSeconds?: number) =>
  nextDelay({ attempts, unanswered: false, unansweredInAll: 0, retryAfterSeconds });

describe('nextDelay', () => {
  it('doubles from two seconds to an hour, and gives up after some four hours', () => {
    const waits = Array.from({ length: MAX_ATTEMPTS }, (_, index) => plain(index + 1));
    expect(waits.slice(0, 4)).toEqual([2, 4, 8, 16]);
    expect(waits.slice(-4)).toEqual([3_600, 3_600, 3_600, null]);
    const hours = waits.reduce<number>((sum, wait) => sum + (wait ?? 0), 0) / 3_600;
    expect(hours).toBeGreaterThan(4);
    expect(hours).toBeLessThan(4.5);
  });

  it('waits at least as long as the provider asks, up to an hour', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 14 }),
        fc.integer({ min: 1, max: 100_000 }),
        (attempts, asked) => {
          const wait = plain(attempts, asked) ?? 0;
          expect(wait).toBeGreaterThanOrEqual(Math.min(asked, 3_600));
          expect(wait).toBe(Math.max(plain(attempts) ?? 0, Math.min(asked, 3_600)));
        },
      ),
    );
  });

  it('waits 30 seconds after an attempt that went unanswered, then 5 minutes, and gives up after the third', () => {
    const unanswered = (times: number, attempts = times) =>
      nextDelay({ attempts, unanswered: true, unansweredInAll: times });
    expect([1, 2, 3].map((times) => unanswered(times))).toEqual([30, 300, null]);
    expect(unanswered(2, 12)).toBe(3_600);
    expect(nextDelay({ attempts: 5, unanswered: false, unansweredInAll: 2 })).toBe(32);
  });
});
