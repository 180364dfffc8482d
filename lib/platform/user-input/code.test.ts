import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { en } from '#lib/notifications/message-catalogue/en.ts';
import { anyCharacter } from '#lib/testing/sample.ts';
import { findCode, parseRecoveryCode } from './code.ts';

const code = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 6, maxLength: 6 });
const decorations: ((code: string) => string)[] = [
  (digits) => ` ${digits}\r\n`,
  (digits) => `${digits.slice(0, 3)} ${digits.slice(3)}`,
  (digits) => `${digits.slice(0, 3)}\u2011${digits.slice(3)}`,
  (digits) => [...digits].join('\u00a0'),
  (digits) => `${digits}.`,
  (digits) => `#${digits}`,
  (digits) => `“${digits}”`,
  (digits) => `\u200b${digits}\ufeff`,
  (digits) => `\u2068${digits}\u2069`,
  (digits) => `Code:${digits}`,
  (digits) => `G-${digits}`,
  (digits) => `验证码${digits}，`,
  (digits) => digits.replace(/./g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
  (digits) => digits.replace(/./g, (digit) => String.fromCharCode(0x660 + Number(digit))),
  (digits) => `${en.sms.code({ name: 'Studio 54', code: digits })}\n@access.example.org #${digits}`,
  // A field with one line removes the line break.
  (digits) => `${en.sms.shortCode({ name: 'Northgate', code: digits })}@localhost #${digits}`,
];

describe('findCode', () => {
  it('finds the code in any decoration', () => {
    fc.assert(
      fc.property(
        code,
        fc.constantFrom((digits: string) => digits, ...decorations),
        (digits, decorate) => {
          expect(findCode(decorate(digits))).toBe(digits);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['no code', ''],
    ['five digits', '12345'],
    ['seven digits', '1234567'],
    ['seven digits in groups', '123 4567'],
    ['a letter among the digits', '12345a'],
    ['different codes', '123456 654321'],
    ['different codes in a message', 'Northgate: 123456 is your code. @localhost #654321'],
    ['a phone number', '+44 7894 123456'],
    ['a link', 'https://access.example.org/reveal#AB123456CD'],
  ])('returns null for %s', (_, typed) => {
    expect(findCode(typed)).toBeNull();
  });

  it('returns six ASCII digits or null for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (typed) => {
        expect(findCode(typed) ?? '000000').toMatch(/^[0-9]{6}$/);
      }),
    );
  });

  it.each(Intl.supportedValuesOf('numberingSystem'))(
    'reads the digits of the numbering system %s',
    (system) => {
      const digits = new Intl.NumberFormat(`en-u-nu-${system}`, { useGrouping: false }).format(987_654);
      // The ideographs of `hanidec` are not decimal digits in Unicode.
      expect(findCode(digits)).toBe(system === 'hanidec' ? null : '987654');
    },
  );
});

describe('parseRecoveryCode', () => {
  it('parses a code in any case, grouping and decoration', () => {
    const letter = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567');
    const codes = fc.string({ unit: letter, minLength: 16, maxLength: 16 });
    const separators = fc.constantFrom('', '-', ' ', '\u2011', '\u00a0', '–', '\u200b');
    fc.assert(
      fc.property(codes, separators, (plain, separator) => {
        const typed = `\ufeff“${plain.toLowerCase().replace(/.{4}(?=.)/g, `$&${separator}`)}”.\r\n`;
        expect(parseRecoveryCode(typed)).toBe(plain);
      }),
    );
  });

  it.each(['1. ', ' 10. ', '3)\u00a0', '• '])(
    'ignores %j, with which a browser or a text file lists it',
    (before) => {
      expect(parseRecoveryCode(`${before}abcd-abcd-abcd-2345`)).toBe('ABCDABCDABCD2345');
    },
  );

  it('reads digits that are not in the alphabet as the letters that look similar', () => {
    expect(parseRecoveryCode('0bcd-1fgh-8jkl-2345')).toBe('OBCDIFGHBJKL2345');
  });

  it.each(['', 'ABCD', 'ABCDEFGHIJKL23456', 'ABCDEFGHIJKL234!', 'ABCDEFGHIJKL234É'])(
    'returns null for %j',
    (wrong) => {
      expect(parseRecoveryCode(wrong)).toBeNull();
    },
  );
});
