import { expect, test } from 'vitest';
import { formatWait } from './format.ts';

test.each([
  [1, '1 second'],
  [90, '90 seconds'],
  [91, '2 minutes'],
  [721, '13 minutes'],
  [90 * 60, '90 minutes'],
  [90 * 60 + 1, 'about 2 hours'],
  [23 * 3600 + 1, 'about 24 hours'],
  [24 * 3600, 'about 24 hours'],
])('formats %i seconds as %s', (seconds, text) => expect(formatWait(seconds)).toBe(text));
