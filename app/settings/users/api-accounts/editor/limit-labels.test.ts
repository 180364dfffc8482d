import { describe, expect, it } from 'vitest';
import { formatEmptyLimit, formatLimit } from './limit-labels.ts';

describe('a limit in words', () => {
  it.each([
    [60, null, 'at most 60 requests a minute are let through'],
    [1_000, 600, 'at most 1,000 requests a minute are let through'],
    [1, 600, 'at most 1 request a minute is let through'],
    [null, 600, 'the default holds: at most 600 requests a minute are let through'],
    [null, null, 'any number of requests is let through'],
  ])('%s with the default %s', (own, byDefault, words) => {
    expect(formatLimit(own, byDefault)).toBe(words);
  });

  it('says what an empty field means', () => {
    expect(formatEmptyLimit(null)).toBe(
      'More than that is refused until the next minute. Leave empty for no limit.',
    );
    expect(formatEmptyLimit(1_000)).toBe(
      'More than that is refused until the next minute. Leave empty for the default, 1,000 a minute.',
    );
  });
});
