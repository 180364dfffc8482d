import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '#lib/testing/sample.ts';
import {
  describeUnprintable,
  foldUsername,
  foldUsernameSearch,
  normalizeName,
  normalizeSearch,
  normalizeUsername,
} from './name.ts';

/** Characters whose neighbours decide whether an invisible one is kept. */
const context = fc.constantFrom(
  ...[
    '\u200c',
    '\u200d',
    '\ufe0f',
    '\u{e0100}',
    '\u180b',
    '\u{e0067}',
    '\u{e007f}',
    '\u200b',
    '\u00ad',
    '\u202e',
    '\u0301',
  ],
  ...[
    'a',
    ' ',
    '\u00a0',
    'م',
    'र',
    '\u094d',
    '👩',
    '❤',
    '\u{1f3fd}',
    '🏴',
    '葛',
    'ᠮ',
    '1',
    '\u20e3',
    '’',
    '–',
    '…',
  ],
);
const unit = fc.oneof(context, context, anyCharacter);
const text = fc.array(unit).map((units) => units.join(''));

describe(normalizeName, () => {
  it.each([
    ['Persian, with a non-joiner', 'شرکت نرم\u200cافزار'],
    ['Sinhala, with a joiner', 'ශ්\u200dරී ලංකා'],
    ['Malayalam, with a joiner at the end', 'അവന്\u200d'],
    ['Bengali, with a joiner before the virama', 'নর\u200d্য'],
    ['Mongolian, with a variation selector', 'ᠮ\u180b'],
    ['Japanese, with a variant of an ideograph', '葛\u{e0100}城'],
    ['a family', '👨\u200d👩\u200d👧 Ltd'],
    ['an emoji with a variation selector and a joiner', '🏳\ufe0f\u200d🌈'],
    ['a waving hand with a skin tone', '👋🏽'],
    ['the flag of Scotland', '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} Theatre'],
    ['a keycap', '1\ufe0f\u20e3 One'],
    ['typographic quotes and dashes', 'Zoë’s “Gas” – Ltd'],
  ])('keeps %s', (_, name) => {
    expect(normalizeName(name)).toBe(name);
    expect(describeUnprintable(name)).toBeUndefined();
  });

  it.each([
    ['a joiner between Latin letters', 'a\u200db\u200c'],
    ['a variation selector after a letter', 'a\ufe0fb'],
    ['tags without a flag', 'a\u{e0067}b'],
    ['direction marks', '\u202ea\u200fb\u2066'],
    ['zero-width characters and a soft hyphen', '\ufeffa\u00ad\u2060b\u200b'],
    ['control characters', 'a\0\u0007b'],
    ['a Hangul filler', 'a\u3164b'],
  ])('removes %s', (_, name) => {
    expect(normalizeName(name)).toBe('ab');
  });

  it('keeps one joiner of several, also if another invisible character is beside it', () => {
    expect(normalizeName('نرم\u200b\u200c\u200cافزار')).toBe('نرم\u200cافزار');
  });

  it('composes letters, and reduces all kinds of spaces to single ones', () => {
    expect(normalizeName('\u3000The\u200b\u0301a\u0302tre\u00a0\u2009\tGas\u2028')).toBe('Théâtre Gas');
  });

  it('is idempotent', () => {
    fc.assert(
      fc.property(text, (typed) => {
        const name = normalizeName(typed);
        expect(normalizeName(name)).toBe(name);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe(normalizeUsername, () => {
  it('replaces the quotes and dashes of word processors, which HTTP clients cannot send', () => {
    expect(normalizeUsername('תל־אביב 〜')).toBe('תל־אביב 〜');
    expect(normalizeUsername('O’Brien\u2009–\u00a0“Gas” Ltd…')).toBe('O\'Brien - "Gas" Ltd...');
  });

  it('is idempotent', () => {
    fc.assert(
      fc.property(text, (name) => {
        const username = normalizeUsername(name);
        expect(normalizeUsername(username)).toBe(username);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('foldUsername', () => {
  it('makes usernames equal that differ only in case, width or joiners', () => {
    expect(foldUsername('STRASSE')).toBe(foldUsername('Straße'));
    expect(foldUsername('ＡＢＣ')).toBe('abc');
    expect(foldUsername('نرم\u200cافزار')).toBe(foldUsername('نرمافزار'));
  });
});

describe('foldUsernameSearch', () => {
  it('returns a second form only if the search has quotes or dashes of word processors', () => {
    expect(foldUsernameSearch('O’Neill')).toEqual(['o’neill', "o'neill"]);
    expect(foldUsernameSearch("O'NEILL")).toEqual(["o'neill"]);
  });
});

describe('describeUnprintable', () => {
  it('names the character and its place', () => {
    expect(describeUnprintable('North\ue000gate')).toBe(
      'Remove the character after “North”. It can’t be displayed (U+E000).',
    );
    expect(describeUnprintable('\ud800gate')).toBe(
      'Remove the character at the beginning. It can’t be displayed (U+D800).',
    );
  });
});

describe(normalizeSearch, () => {
  it('normalises a name, and takes a whole email address out of its decoration', () => {
    expect(normalizeSearch('\u200bNorthgate\u00a0Gas ')).toBe('Northgate Gas');
    expect(normalizeSearch('Jane <dev@example.org>')).toBe('dev@example.org');
    expect(normalizeSearch('@example.org')).toBe('@example.org');
  });
});
