import { describe, expect, it } from 'vitest';
import { formatExact, formatRelative, formatTimeOfDay } from './format-time.ts';

const now = new Date('2026-11-24T14:00:00Z');
const getTimeBefore = (elapsedMs: number) => new Date(now.getTime() - elapsedMs);

describe('formatRelative', () => {
  it.each([
    [-5_000, 'Just now'],
    [59_999, 'Just now'],
    [60_000, '1 minute ago'],
    [59 * 60_000, '59 minutes ago'],
    [3_600_000, '1 hour ago'],
    [86_399_999, '23 hours ago'],
    [2 * 86_400_000, '2 days ago'],
    [7 * 86_400_000, '17 Nov 2026'],
  ])('formats %i ms ago as %s', (elapsedMs, expected) => {
    expect(formatRelative(getTimeBefore(elapsedMs), now, 'UTC')).toBe(expected);
  });

  it('formats a time more than a week ago as a date in the time zone', () => {
    expect(formatRelative(new Date('2026-10-31T20:00:00Z'), now, 'Asia/Kathmandu')).toBe('1 Nov 2026');
  });
});

describe('formatExact', () => {
  it.each([
    ['UTC', '1 Sep 2026, 23:59:58 UTC'],
    ['Europe/London', '2 Sep 2026, 00:59:58 BST'],
    ['Asia/Kathmandu', '2 Sep 2026, 05:44:58 GMT+5:45'],
  ])('formats the time in the zone %s and names the zone', (timeZone, expected) => {
    expect(formatExact(new Date('2026-09-01T23:59:58Z'), timeZone)).toBe(expected);
  });
});

describe('formatTimeOfDay', () => {
  it('shows midnight as 00:00', () => {
    expect(formatTimeOfDay(new Date('2026-09-01T23:00:00Z'), 'Europe/London')).toBe('00:00 BST');
  });
});
