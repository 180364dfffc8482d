import { describe, expect, it } from 'vitest';
import { formatEmptyLimit, formatLimit } from './limit-labels.ts';

describe('formatLimit', () => {
  it.each([
    [60, null, 'at most 60 requests a minute are let through'],
    [1_000, 600, 'at most 1,000 requests a minute are let through'],
    [1, 600, 'at most 1 request a minute is let through'],
    [null, 600, 'the default holds: at most 600 requests a minute are let through'],
    [null, null, 'any number of requests is let through'],
  ])('describes the limit %s with the default %s', (own, defaultLimit, description) => {
    expect(formatLimit(own, defaultLimit)).toBe(description);
  });
});

describe('formatEmptyLimit', () => {
  it('describes the default limit, or that there is none', () => {
    expect(formatEmptyLimit(null)).toBe(
      'More than that is refused until the next minute. Leave empty for no limit.',
    );
    expect(formatEmptyLimit(1_000)).toBe(
      'More than that is refused until the next minute. Leave empty for the default, 1,000 a minute.',
    );
  });
});
