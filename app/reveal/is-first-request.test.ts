import { describe, expect, it } from 'vitest';
import { isFirstRequest } from './is-first-request.ts';

const at = (time: string) => `2026-11-30T10:00:${time}Z`;

describe('isFirstRequest', () => {
  it('returns false before any request', () => {
    expect(isFirstRequest(null, null)).toBe(false);
    expect(isFirstRequest(null, at('00.000'))).toBe(false);
  });

  it('returns true for a request without a test', () => {
    expect(isFirstRequest(at('00.000'), null)).toBe(true);
  });

  it('takes a request up to two seconds after a test for the test', () => {
    expect(isFirstRequest(at('09.900'), at('10.000'))).toBe(false);
    expect(isFirstRequest(at('12.000'), at('10.000'))).toBe(false);
    expect(isFirstRequest(at('12.001'), at('10.000'))).toBe(true);
  });
});
