import { describe, expect, it } from 'vitest';
import { containsCode } from './contains-code.ts';

describe('containsCode', () => {
  it.each([
    'Your code is 123456.',
    'Your code is 123 456, for ten minutes.',
    '{"code":123456}',
    '{"code":"123456"}',
    'code=123456&next=1',
    '@access.example.org #123456',
    '123456',
  ])('returns true for the code in %j', (text) => {
    expect(containsCode(text, '123456')).toBe(true);
  });

  it.each([
    '01932f4e-7d3b-7000-8000-0123456789ab',
    '123456ab-7d3b-7000-8000-012345abcdef',
    '2026-11-24T14:05:06.123456Z',
    '2026-11-24 14:05:06.123456+00',
    'https://access.example.org/reveal#Zq123456kV_8',
    '#AZq-123456',
    'duration: 123456.789 ms',
    '1234567',
    '654321',
  ])('returns false for the digits in %j', (text) => {
    expect(containsCode(text, '123456')).toBe(false);
  });
});
