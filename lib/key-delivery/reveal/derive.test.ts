import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codesMatch, deriveCode, linkToken, readLinkToken } from './derive.ts';

const SECRET = 'a-secret-of-at-least-thirty-two-characters';
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const ids = fc.uuid();

describe('linkToken and readLinkToken', () => {
  it('derive the same token each time and read the id back', () => {
    fc.assert(
      fc.property(ids, (id) => {
        const token = linkToken(id, SECRET);
        expect(token).toMatch(/^[\w-]{64}$/);
        expect(readLinkToken(token, SECRET)).toBe(id);
        expect(linkToken(id, SECRET)).toBe(token);
      }),
    );
  });

  it('keep the format of the first version, so that sent links keep working', () => {
    expect(linkToken('01a20def-c45f-7765-98f2-47f1190f1595', SECRET)).toBe(
      'AaIN78Rfd2WY8kfxGQ8Vle9MQBOTi5sKJCqsPdA7S88MKjfBeQAsmYTw4HwVPuPe',
    );
  });

  it('reject a token with any single character changed, in the id or the signature', () => {
    const token = linkToken('01a20def-c45f-7765-98f2-47f1190f1595', SECRET);
    for (let index = 0; index < token.length; index += 1) {
      for (const character of BASE64URL) {
        if (character === token[index]) continue;
        const changed = token.slice(0, index) + character + token.slice(index + 1);
        expect(readLinkToken(changed, SECRET)).toBeNull();
      }
    }
  });

  it('reject a token signed with another secret', () => {
    const token = linkToken('01a20def-c45f-7765-98f2-47f1190f1595', SECRET);
    expect(readLinkToken(token, `${SECRET}!`)).toBeNull();
  });

  it('reject arbitrary input without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(readLinkToken(text, SECRET)).toBeNull();
      }),
    );
  });
});

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
