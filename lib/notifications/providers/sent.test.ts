import { expect, test } from 'vitest';
import { retryAfter } from './sent.ts';

const now = new Date('2026-11-24T12:00:00Z');

test.each([
  ['30', 30],
  ['0', 1],
  ['999999', 3_600],
  ['Tue, 24 Nov 2026 12:00:45 GMT', 45],
  ['Tue, 24 Nov 2026 11:00:00 GMT', 1],
])('reads a Retry-After of %s as %i seconds', (header, seconds) => {
  expect(retryAfter(header, now)).toEqual({ retryAfterSeconds: seconds });
});

test.each([undefined, '', 'soon', '-'])('takes nothing from a Retry-After of %s', (header) => {
  expect(retryAfter(header, now)).toEqual({});
});
