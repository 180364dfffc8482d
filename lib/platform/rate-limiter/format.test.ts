import { describe, expect, it } from 'vitest';
import { describeRateLimit, formatDuration, formatWait } from './format.ts';

describe('formatDuration', () => {
  it('uses the singular for one', () => {
    expect(formatDuration(1, 'hour')).toBe('1 hour');
    expect(formatDuration(24, 'hour')).toBe('24 hours');
  });
});

describe('formatWait', () => {
  it.each([
    [1, '1 second'],
    [90, '90 seconds'],
    [91, '2 minutes'],
    [721, '13 minutes'],
    [90 * 60, '90 minutes'],
    [90 * 60 + 1, 'about 2 hours'],
    [23 * 3600 + 1, 'about 24 hours'],
    [24 * 3600, 'about 24 hours'],
  ])('formats %i seconds as %s', (seconds, text) => expect(formatWait(seconds)).toBe(text));
});

describe('describeRateLimit', () => {
  it('states when to try again', () => {
    expect(describeRateLimit(721)).toBe('Too many attempts. Try again in 13 minutes.');
  });
});
