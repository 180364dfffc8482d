import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codesMatch, deriveCode } from './code.ts';

const SECRET = 'a-secret-of-at-least-thirty-two-characters';
const ids = fc.uuid();

describe('deriveCode', () => {
  it('returns six digits that depend on the generation, the reveal and the secret', () => {
    fc.assert(
      fc.property(ids, fc.integer({ min: 1, max: 2 ** 31 }), (id, generation) => {
        const code = deriveCode(id, generation, SECRET);
        expect(code).toMatch(/^\d{6}$/);
        expect(deriveCode(id, generation, SECRET)).toBe(code);
      }),
    );
    const id = '01a20def-c45f-7765-98f2-47f1190f1595';
    const codes = Array.from({ length: 1_000 }, (_, index) => deriveCode(id, index + 1, SECRET));
    // Among 1,000 codes of a million, 0.5 collisions are expected; 20 practically never occur.
    expect(new Set(codes).size).toBeGreaterThan(980);
    expect(deriveCode(id, 1, `${SECRET}!`)).not.toBe(codes[0]);
  });

  it('uses every digit in every position', () => {
    const digitsByPosition = Array.from({ length: 6 }, () => new Set<string>());
    for (let generation = 1; generation <= 1_000; generation += 1) {
      const code = deriveCode('01a20def-c45f-7765-98f2-47f1190f1595', generation, SECRET);
      digitsByPosition.forEach((digits, index) => void digits.add(code.charAt(index)));
    }
    expect(digitsByPosition.map((digits) => digits.size)).toEqual([10, 10, 10, 10, 10, 10]);
  });
});

describe('codesMatch', () => {
  it('returns true only for identical codes', () => {
    expect(codesMatch('123456', '123456')).toBe(true);
    for (const other of ['123457', '12345', '1234567', '', '１２３４５６'])
      expect(codesMatch('123456', other)).toBe(false);
  });
});
