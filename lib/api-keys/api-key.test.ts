import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atScale } from '#lib/testing/scale.ts';
import { ALPHABET, computeChecksum, digestKey, generateKey, isWellFormedKey, KEY_LENGTH } from './api-key.ts';

const TAG = 'stagekey';

/** Generates all keys that differ from a key in one character. */
function* generateVariants(key: string): Generator<string> {
  for (let index = 0; index < key.length; index += 1) {
    for (const character of ALPHABET) {
      if (character !== key[index]) yield key.slice(0, index) + character + key.slice(index + 1);
    }
  }
}

describe('API key', () => {
  it('matches the pattern of secret scanners, and is strict base64 of 48 bytes', () => {
    for (let round = 0; round < 1_000; round += 1) {
      const key = generateKey(TAG);
      expect(key).toMatch(/^\bstagekey[0-9A-Za-z]{56}\b$/);
      const bytes = Buffer.from(key, 'base64');
      expect(bytes).toHaveLength(48);
      expect(bytes.toString('base64')).toBe(key);
      expect(isWellFormedKey(key, TAG)).toBe(true);
    }
  });

  it('contains all characters equally often', () => {
    const counts = new Map<string, number>();
    for (let round = 0; round < 2_000; round += 1) {
      for (const character of generateKey(TAG).slice(8, 58)) {
        counts.set(character, (counts.get(character) ?? 0) + 1);
      }
    }
    const expected = (2_000 * 50) / ALPHABET.length;
    let chiSquare = 0;
    for (const character of ALPHABET) chiSquare += ((counts.get(character) ?? 0) - expected) ** 2 / expected;
    // With 61 degrees of freedom, chi-square exceeds 150 less than once in 10^8 runs.
    expect(chiSquare).toBeLessThan(150);
  });

  it('has a checksum that is the CRC-32 of zlib, in base62', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: 1, maxLength: 80 }), (text) => {
        let value = 0;
        for (const digit of computeChecksum(text)) value = value * 62 + ALPHABET.indexOf(digit);
        expect(value).toBe(crc32(text));
      }),
    );
  });

  it('is rejected after any change of one character', () => {
    for (let round = 0; round < atScale({ normal: 200, soak: 10_000 }); round += 1) {
      for (const variant of generateVariants(generateKey(TAG))) {
        if (isWellFormedKey(variant, TAG)) throw new Error('a mistyped key was accepted');
      }
    }
  });

  it.each([
    ['another tag', (key: string) => isWellFormedKey(key, 'otherkey')],
    ['an additional character', (key: string) => isWellFormedKey(`${key}0`, TAG)],
    ['a missing character', (key: string) => isWellFormedKey(key.slice(0, KEY_LENGTH - 1), TAG)],
    ['a line break', (key: string) => isWellFormedKey(`${key}\n`, TAG)],
    ['all letters in upper case', (key: string) => isWellFormedKey(key.toUpperCase(), TAG)],
    ['the first two characters swapped', (key: string) => isWellFormedKey(key.replace(/st/, 'ts'), TAG)],
  ])('is rejected with %s', (_, check) => {
    expect(check(generateKey(TAG))).toBe(false);
  });

  it('has a deterministic digest of 32 bytes', () => {
    const key = generateKey(TAG);
    expect(digestKey(key)).toHaveLength(32);
    expect(digestKey(key)).toEqual(digestKey(key));
    expect(digestKey(key)).not.toEqual(digestKey(generateKey(TAG)));
  });
});
