import { describe, expect, it } from 'vitest';
import { generateKey } from '#lib/api-keys/api-key.ts';
import { findKeys, isKeyOrToken } from './find-keys.ts';

const key = generateKey('stagekey');
const token = generateKey('stagetok');

/** Replaces one character. */
const mistype = (text: string, index: number) =>
  `${text.slice(0, index)}${text[index] === 'A' ? 'B' : 'A'}${text.slice(index + 1)}`;

describe('findKeys', () => {
  it.each([
    ['a key alone', key, [key]],
    ['a key with spaces and line breaks', `\n  ${key}\r\n`, [key]],
    ['a key in a file', `API_USER=contoso\nAPI_KEY="${key}"\n# ${token}`, [key, token]],
    ['a key without a boundary', `X${key}Y`, [key]],
    ['a key in a URL', `https://example.org/?key=${key}&x=1`, [key]],
    ['two keys without a space', key + token, [key, token]],
    ['the same key twice', `${key} ${key}`, [key]],
    ['a key after half of another', `${key.slice(0, 30)}${key}`, [key]],
  ])('finds %s', (_, text, expected) => {
    expect(findKeys(text)).toEqual(expected);
  });

  it.each([
    ['an empty text', ''],
    ['a key without its last character', key.slice(0, -1)],
    ['a key with another tag', generateKey('otherkey')],
    ['a key in two lines', `${key.slice(0, 40)}\n${key.slice(40)}`],
    ['a key in lower case', key.toLowerCase()],
  ])('finds nothing in %s', (_, text) => {
    expect(findKeys(text)).toEqual([]);
  });

  it('finds no mistyped key', () => {
    for (let index = 8; index < key.length; index += 1) expect(findKeys(mistype(key, index))).toEqual([]);
  });

  it('takes time in proportion to the length of a text', () => {
    expect(findKeys('stagekey'.repeat(1_250))).toEqual([]);
  });
});

describe('isKeyOrToken', () => {
  it('accepts only a whole well-formed key or token', () => {
    expect([key, token].every(isKeyOrToken)).toBe(true);
    for (const text of ['', `${key} `, mistype(key, 63), generateKey('otherkey')])
      expect(isKeyOrToken(text), text).toBe(false);
  });
});
