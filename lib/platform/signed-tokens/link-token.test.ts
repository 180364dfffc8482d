import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '#lib/testing/sample.ts';
import { createLinkToken, type LinkKind, readLinkToken } from './link-token.ts';

const SECRET = 'a-secret-of-at-least-thirty-two-characters';
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const ID = '01a20def-c45f-7765-98f2-47f1190f1595';
const KINDS: LinkKind[] = ['reveal', 'changeReport', 'emailLink'];

describe('createLinkToken and readLinkToken', () => {
  it('derive the same token each time and read the id back', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.constantFrom(...KINDS), (id, kind) => {
        const token = createLinkToken(kind, id, SECRET);
        expect(token).toMatch(/^[\w-]{64}$/);
        expect(readLinkToken(kind, token, SECRET)).toBe(id);
        expect(createLinkToken(kind, id, SECRET)).toBe(token);
      }),
    );
  });

  it('derive the same tokens as the first version, so that sent links keep working', () => {
    expect(KINDS.map((kind) => createLinkToken(kind, ID, SECRET))).toEqual([
      'AaIN78Rfd2WY8kfxGQ8Vle9MQBOTi5sKJCqsPdA7S88MKjfBeQAsmYTw4HwVPuPe',
      'AaIN78Rfd2WY8kfxGQ8VlSlpWHf4xIk3S08-x65laJFq3IlRx_qurn_3-eMnQVzV',
      'AaIN78Rfd2WY8kfxGQ8VlSsxlgHMHIUf6wh1q7M_K5G1A60ph5OZWwghENwHtzwJ',
    ]);
  });

  it('reject a token of another kind of link', () => {
    for (const kind of KINDS) {
      const token = createLinkToken(kind, ID, SECRET);
      for (const other of KINDS) expect(readLinkToken(other, token, SECRET)).toBe(other === kind ? ID : null);
    }
  });

  it('reject a token with any single character changed', () => {
    const token = createLinkToken('reveal', ID, SECRET);
    for (let index = 0; index < token.length; index += 1) {
      for (const character of BASE64URL) {
        if (character === token[index]) continue;
        const changed = token.slice(0, index) + character + token.slice(index + 1);
        expect(readLinkToken('reveal', changed, SECRET)).toBeNull();
      }
    }
  });

  it('reject a token signed with another secret', () => {
    for (const kind of KINDS) {
      expect(readLinkToken(kind, createLinkToken(kind, ID, SECRET), `${SECRET}!`)).toBeNull();
    }
  });

  it('reject arbitrary input without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 200 }), (text) => {
        expect(readLinkToken('reveal', text, SECRET)).toBeNull();
      }),
    );
  });
});
