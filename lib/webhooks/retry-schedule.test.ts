import { describe, expect, it } from 'vitest';
import { calculateRetryDelay, parseRetryAfter, RETRY_HOURS } from './retry-schedule.ts';

/** Lists the times of the attempts, in seconds after the first. */
function listAttempts(random: () => number, retryAfterSeconds = 0): number[] {
  const times = [0];
  for (;;) {
    const at = times.at(-1) ?? 0;
    const secondsLeft = RETRY_HOURS * 3_600 - at;
    const delay = calculateRetryDelay({ attempts: times.length, retryAfterSeconds, secondsLeft }, random);
    if (delay === null) return times;
    times.push(at + delay);
  }
}

describe('calculateRetryDelay', () => {
  it.each([0, 0.5, 1])('has its last attempt 24 to 28 hours after the first (jitter %s)', (jitter) => {
    const times = listAttempts(() => jitter);
    expect(times).toHaveLength(11);
    expect(times.at(-1)).toBeGreaterThan(24 * 3_600);
    expect(times.at(-1)).toBeLessThanOrEqual(28 * 3_600);
    expect(times[1]).toBeLessThanOrEqual(5);
  });

  it('waits longer if the receiver asks for it, but not beyond the end of the retries', () => {
    const times = listAttempts(() => 0, 3_600);
    expect(times[1]).toBe(3_600);
    expect(times.at(-1)).toBeLessThanOrEqual(RETRY_HOURS * 3_600);
  });
});

describe('parseRetryAfter', () => {
  const NOW = Date.parse('2031-03-01T12:00:00Z');

  it.each([
    [429, '30', 30],
    [503, '30', 30],
    [503, 'Sat, 01 Mar 2031 12:01:00 GMT', 60],
    [503, '99999', 3_600],
    [503, 'Sun, 01 Mar 2071 12:01:00 GMT', 3_600],
    [503, 'Sat, 01 Mar 2031 11:00:00 GMT', 0],
    [503, '-5', 0],
    [503, 'soon', 0],
    [503, undefined, 0],
    [500, '30', 0],
    [null, '30', 0],
  ])('reads a response %s with %s as %s seconds', (status, header, seconds) => {
    expect(parseRetryAfter(status, header, NOW)).toBe(seconds);
  });
});
