import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createLinkToken } from '#lib/platform/signed-tokens/link-token.ts';
import { parseToken } from './parse-token.ts';

const ID = '01a20def-c45f-7765-98f2-47f1190f1595';
const TOKEN = createLinkToken('reveal', ID, 'a-secret-of-at-least-thirty-two-characters');
/** Tokens that begin or end with punctuation, as one in 32 does. */
const TOKENS = [TOKEN, `-${TOKEN.slice(1)}`, `${TOKEN.slice(0, -2)}_-`];

const encode = (text: string) => encodeURIComponent(text);

describe('parseToken', () => {
  it.each([
    ...['', '.', '..', ',', ';', ':', '!', '?', '…', '。', '_', '-', '__', '*', '/', '\\', '|', '~'],
    ...[
      ')',
      ').',
      ']',
      '}',
      '>',
      '>.',
      '>>',
      '"',
      '".',
      "'",
      '’',
      '”',
      '»',
      '`',
      '&gt;',
      '&quot;',
      '%',
      '%2',
    ],
    ...[' ', '\n', '\r\n', '\t', '\u00a0', '\u200b', '\ufeff', '\u202c', '\u00ad', '=', '=20', '#', '##'],
    ...['&utm_source=mail', '?x=1', '&data=05%7C01&reserved=0', '&amp;x', '#', ' (link)', '\nKind regards'],
  ])('returns a whole token that is followed by %j', (suffix) => {
    for (const token of TOKENS) {
      expect(parseToken(token + suffix)).toBe(token);
      expect(parseToken(token + encode(suffix))).toBe(token);
      expect(parseToken(token + encode(encode(suffix)))).toBe(token);
    }
  });

  it.each(['', ' ', '<', '"', "'", '(', '\u200b', '\ufeff', '\u202a', '#'])(
    'returns a whole token that follows %j',
    (prefix) => {
      for (const token of TOKENS) expect(parseToken(prefix + token)).toBe(token);
      for (const token of TOKENS) expect(parseToken(encode(prefix) + token)).toBe(token);
    },
  );

  it.each(['\n', '\r\n', ' ', '\n    ', '\u200b', '\u00ad', '\u2060', '\ufeff', '=\r\n'])(
    'returns a whole token that is broken by %j',
    (separator) => {
      for (const position of [1, 12, 40, 63]) {
        const broken = TOKEN.slice(0, position) + separator + TOKEN.slice(position);
        expect(parseToken(broken)).toBe(TOKEN);
        expect(parseToken(encode(broken))).toBe(TOKEN);
      }
    },
  );

  it('returns a token whose hyphens were replaced by other hyphens, or whose characters have full width', () => {
    for (const hyphen of ['\u2010', '\u2011', '\uff0d'])
      for (const token of TOKENS) expect(parseToken(token.replaceAll('-', hyphen))).toBe(token);
  });

  it('returns null for a token that was cut short, with or without punctuation', () => {
    for (let length = 0; length < 64; length += 1) {
      for (const suffix of ['', '.', '...', '…', '%', '>', '\n'])
        expect(parseToken(TOKEN.slice(0, length) + suffix)).toBeNull();
    }
    expect(parseToken(`${TOKEN.slice(0, 40)}\nKind regards`)).toBeNull();
  });

  it('does not shorten a longer token, which the server then refuses', () => {
    for (const suffix of ['A', '9z', 'A.', '-A']) expect(parseToken(TOKEN + suffix)).not.toBe(TOKEN);
  });

  it('returns any token unchanged', () => {
    for (let round = 0; round < 1_000; round += 1) {
      const token = randomBytes(48).toString('base64url');
      expect(parseToken(token)).toBe(token);
    }
  });
});
