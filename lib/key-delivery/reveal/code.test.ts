import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codesMatch, deriveCode } from './code.ts';

const SECRET = 'a-secret-of-at-least-thirty-two-characters';
const REVEAL_ID = '01a20def-c45f-7765-98f2-47f1190f1595';
const OTHER_REVEAL_ID = '01a20def-c45f-7765-98f2-47f1190f1596';

describe('deriveCode', () => {
  it('returns six digits that depend on the generation, the reveal and the secret', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 1, max: 2 ** 31 }), (id, generation) => {
        const code = deriveCode(id, generation, SECRET);
        expect(code).toMatch(/^\d{6}$/);
        expect(deriveCode(id, generation, SECRET)).toBe(code);
      }),
    );
    const codes = Array.from({ length: 1_000 }, (_, index) => deriveCode(REVEAL_ID, index + 1, SECRET));
    // Among 1,000 of a million codes, 0.5 collisions are expected. 20 practically never occur.
    expect(new Set(codes).size).toBeGreaterThan(980);
    expect(deriveCode(OTHER_REVEAL_ID, 1, SECRET)).not.toBe(codes[0]);
    expect(deriveCode(REVEAL_ID, 1, `${SECRET}!`)).not.toBe(codes[0]);
  });

  it('uses every digit in every position', () => {
    const digitsByPosition = Array.from({ length: 6 }, () => new Set<string>());
    for (let generation = 1; generation <= 1_000; generation += 1) {
      const code = deriveCode(REVEAL_ID, generation, SECRET);
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
