import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codesMatch, deriveCode, linkToken, readLinkToken } from './derive.ts';

const SECRET = 'a-secret-of-at-least-thirty-two-characters';
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const ids = fc.uuid();

describe("a link's token", () => {
  it('leads back to its reveal, and is the same each time', () => {
    fc.assert(
      fc.property(ids, (id) => {
        const token = linkToken(id, SECRET);
        expect(token).toMatch(/^[\w-]{64}$/);
        expect(readLinkToken(token, SECRET)).toBe(id);
        expect(linkToken(id, SECRET)).toBe(token);
      }),
    );
  });

  it('is what it was in the first version: links that are out go on working', () => {
    expect(linkToken('01a20def-c45f-7765-98f2-47f1190f1595', SECRET)).toBe(
      'AaIN78Rfd2WY8kfxGQ8Vle9MQBOTi5sKJCqsPdA7S88MKjfBeQAsmYTw4HwVPuPe',
    );
  });

  it('is refused after any change of one character, id and signature alike', () => {
    const token = linkToken('01a20def-c45f-7765-98f2-47f1190f1595', SECRET);
    for (let index = 0; index < token.length; index += 1) {
      for (const character of BASE64URL) {
        if (character === token[index]) continue;
        const changed = token.slice(0, index) + character + token.slice(index + 1);
        expect(readLinkToken(changed, SECRET)).toBeNull();
      }
    }
  });

  it('is refused when it was signed with another secret', () => {
    const token = linkToken('01a20def-c45f-7765-98f2-47f1190f1595', SECRET);
    expect(readLinkToken(token, `${SECRET}!`)).toBeNull();
  });

  it('survives anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(readLinkToken(text, SECRET)).toBeNull();
      }),
    );
  });
});

describe('a code', () => {
  it('has six digits, and another generation, reveal or secret gives another', () => {
    fc.assert(
      fc.property(ids, fc.integer({ min: 1, max: 2 ** 31 }), (id, generation) => {
        const code = deriveCode(id, generation, SECRET);
        expect(code).toMatch(/^\d{6}$/);
        expect(deriveCode(id, generation, SECRET)).toBe(code);
      }),
    );
    const id = '01a20def-c45f-7765-98f2-47f1190f1595';
    const codes = Array.from({ length: 1_000 }, (_, index) => deriveCode(id, index + 1, SECRET));
    // Of a thousand out of a million, one is expected twice in every second try; twenty never are.
    expect(new Set(codes).size).toBeGreaterThan(980);
    expect(deriveCode(id, 1, `${SECRET}!`)).not.toBe(codes[0]);
  });

  it('uses every digit in every place', () => {
    const places = Array.from({ length: 6 }, () => new Set<string>());
    for (let generation = 1; generation <= 1_000; generation += 1) {
      const code = deriveCode('01a20def-c45f-7765-98f2-47f1190f1595', generation, SECRET);
      places.forEach((digits, index) => void digits.add(code.charAt(index)));
    }
    expect(places.map((digits) => digits.size)).toEqual([10, 10, 10, 10, 10, 10]);
  });

  it('is the same only as itself', () => {
    expect(codesMatch('123456', '123456')).toBe(true);
    for (const other of ['123457', '12345', '1234567', '', '１２３４５６'])
      expect(codesMatch('123456', other)).toBe(false);
  });
});
