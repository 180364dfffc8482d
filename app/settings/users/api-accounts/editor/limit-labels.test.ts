import { describe, expect, it } from 'vitest';
import { formatEmptyLimit, formatLimit } from './limit-labels.ts';

describe('formatLimit', () => {
  it.each([
    [60, null, 'up to 60 requests a minute are allowed'],
    [1_000, 600, 'up to 1,000 requests a minute are allowed'],
    [1, 600, '1 request a minute is allowed'],
    [null, 600, 'the default applies: up to 600 requests a minute are allowed'],
    [null, null, 'there is no limit'],
  ])('describes the limit %s with the default %s', (ownLimit, defaultLimit, description) => {
    expect(formatLimit(ownLimit, defaultLimit)).toBe(description);
  });
});

describe('formatEmptyLimit', () => {
  it('describes the default limit, or that there is none', () => {
    expect(formatEmptyLimit(null)).toBe(
      'Extra requests are blocked until the next minute. Leave empty for no limit.',
    );
    expect(formatEmptyLimit(1_000)).toBe(
      'Extra requests are blocked until the next minute. Leave empty for the default, 1,000 a minute.',
    );
  });
});
