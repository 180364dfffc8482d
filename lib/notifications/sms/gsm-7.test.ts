import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '#lib/testing/sample.ts';
import { countSeptets, shortenLine, toGsm7Line } from './gsm-7.ts';

describe('countSeptets', () => {
  it('counts one septet for 127 characters, and two for the 10 characters of the extension table', () => {
    const counts = Array.from({ length: 0x10000 }, (_, unit) => countSeptets(String.fromCharCode(unit)));
    expect(counts.filter((count) => count === 1)).toHaveLength(127);
    expect(counts.filter((count) => count === 2)).toHaveLength(10);
  });

  it.each([
    ['', 0],
    ['@£éØ', 4],
    ['[€]', 6],
    ['ç', undefined],
    ['`', undefined],
    ['\u001b', undefined],
    ['😀', undefined],
  ])('counts %j as %s', (text, count) => {
    expect(countSeptets(text)).toBe(count);
  });
});

describe('toGsm7Line', () => {
  it.each([
    ['Théâtre & Søn', 'Théatre & Søn'],
    ['Français', 'Francais'],
    ['Łódź œuvre', 'Lodz oeuvre'],
    ['“Acme” — l’eau…', '"Acme" - l\'eau...'],
    ['Ａｃｍｅ', 'Acme'],
    ['東京 Gas', 'Gas'],
    ['a\r\nb\u2028c\u0000\u00a0d', 'a b c d'],
    ['e\u0301', 'é'],
    ['🔥 Fire 🔥', 'Fire'],
  ])('transliterates %j to %j', (text, line) => {
    expect(toGsm7Line(text)).toBe(line);
  });

  it('turns any text into one GSM-7 line, and does not change a GSM-7 line', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 60 }), (text) => {
        const line = toGsm7Line(text);
        expect(countSeptets(line)).toBeDefined();
        expect(line).not.toMatch(/[\r\n\f]/);
        expect(toGsm7Line(line)).toBe(line);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('shortenLine', () => {
  it.each([
    ['Acme', 4, 'Acme'],
    ['Acme Gas', 7, 'Acme..'],
    ['Acme Gas', 6, 'Acme..'],
    ['{}{}{}', 7, '{}..'],
    ['Acme & Sons', 9, 'Acme..'],
  ])('shortens %j to %i septets', (line, maxSeptets, shortened) => {
    expect(shortenLine(line, maxSeptets)).toBe(shortened);
  });
});
