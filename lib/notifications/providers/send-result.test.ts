import { describe, expect, it } from 'vitest';
import { parseRetryAfter } from './send-result.ts';

const now = new Date('2026-11-24T12:00:00Z');

describe('parseRetryAfter', () => {
  it.each([
    ['30', 30],
    ['0', 1],
    ['999999', 3_600],
    ['Tue, 24 Nov 2026 12:00:45 GMT', 45],
    ['Tue, 24 Nov 2026 11:00:00 GMT', 1],
  ])('parses %s as %i seconds', (header, seconds) => {
    expect(parseRetryAfter(header, now)).toEqual({ retryAfterSeconds: seconds });
  });

  it.each([undefined, '', 'soon', '-'])('ignores %s', (header) => {
    expect(parseRetryAfter(header, now)).toEqual({});
  });
});
