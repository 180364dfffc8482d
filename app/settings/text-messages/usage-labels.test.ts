import { describe, expect, it } from 'vitest';
import { formatUsed } from './usage-labels.ts';

describe('formatUsed', () => {
  it.each([
    [0, 200, '0 of 200 texts used today'],
    [1_199, 1_200, '1,199 of 1,200 texts used today'],
    [0, 1, '0 of 1 text used today'],
    [1, 1, 'Today’s only text has been used'],
    [200, 200, 'Today’s limit of 200 texts has been reached'],
    // A limit that was lowered below the usage.
    [200, 50, 'Today’s limit of 50 texts has been reached'],
    [0, 0, 'Texts are turned off (limit: 0 a day)'],
  ])('formats %i of %i', (queued, perDay, text) => {
    expect(formatUsed({ queued, perDay })).toBe(text);
  });
});
