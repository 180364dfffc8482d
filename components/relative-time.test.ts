import { describe, expect, it } from 'vitest';
import { formatExact, formatRelative } from './relative-time.tsx';

const now = new Date('2026-11-24T14:00:00Z');
const before = (milliseconds: number) => new Date(now.getTime() - milliseconds);

describe('RelativeTime', () => {
  it.each([
    [-5_000, 'Just now'],
    [59_999, 'Just now'],
    [60_000, '1 minute ago'],
    [59 * 60_000, '59 minutes ago'],
    [3_600_000, '1 hour ago'],
    [86_399_999, '23 hours ago'],
    [2 * 86_400_000, '2 days ago'],
    [7 * 86_400_000, '17 Nov 2026'],
  ])('formats %i ms ago as %s', (elapsed, expected) => {
    expect(formatRelative(before(elapsed), now)).toBe(expected);
  });

  it('formats the exact time in UTC in any time zone', () => {
    expect(formatExact(new Date('2026-09-01T23:59:58Z'))).toBe('1 Sep 2026, 23:59:58 UTC');
  });
});
