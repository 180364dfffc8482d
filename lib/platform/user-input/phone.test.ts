import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '#lib/testing/sample.ts';
import { normalizePhone } from './phone.ts';

const invisible = fc.constantFrom(
  '',
  '',
  '\u200b',
  '\ufeff',
  '\u202d',
  '\u202c',
  '\u2068',
  '\u2069',
  '\u00ad',
);
const separator = fc.constantFrom(
  '',
  ' ',
  '\u00a0',
  '\u2009',
  '\u202f',
  '-',
  '\u2011',
  '–',
  '.',
  '/',
  '·',
  ' (',
  ') ',
);
const prefix = fc.constantFrom(
  '',
  ' ',
  'Mobile: ',
  'Tel. ',
  'tel:',
  'WhatsApp ',
  '(',
  '"',
  '\t',
  '📱 ',
  'Mobile 2: ',
);
const suffix = fc.constantFrom('', ' ', ',', ';', '.', '"', ')', ' (mobile)', '\r\n', ' – Jane', ' / Signal');
/** A digit in one of several scripts. */
const script = fc.constantFrom(0x30, 0xff10, 0x660, 0x6f0, 0x966);

describe(normalizePhone, () => {
  it.each([
    ['\u200b+447894123456', '+447894123456'],
    ['+\ufeff44 7894 123456', '+447894123456'],
    ['(+44) 7894 123456', '+447894123456'],
    ['+(44) 7894 123456', '+447894123456'],
    ['(0044) 7894 123456', '+447894123456'],
    ['M: 0044 7894 123456', '+447894123456'],
    ['+ 44 (0) 7894 123456', '+447894123456'],
    ['+44-(0)-7894-123456', '+447894123456'],
    ['0039 (0) 347 1234567', '+393471234567'],
    ['+49 151/23456789', '+4915123456789'],
    ['+33/6/12/34/56/78', '+33612345678'],
    ['tel:+44-7894-123456;phone-context=example.org', '+447894123456'],
    ['sms:+447894123456?body=Hello', '+447894123456'],
    ['<tel:+447894123456>', '+447894123456'],
    ["'+447894123456", '+447894123456'],
    ['Tel. 07894 123 456', '07894123456'],
  ])('normalises %j to %s', (typed, phone) => {
    expect(normalizePhone(typed)).toBe(phone);
  });

  it.each([
    '',
    'abc',
    '+447894123456 ext 5',
    '+49 151 2345678/9',
    '+49 151 23456/78 (work)',
    '+49 151 2345678 (9)',
    'tel:+447894123456;ext=5',
    '+44 7894 123456 or +44 7894 999999',
    '020 7946 0000, mobile: +44 7894 123456',
    '1 +44 7894 123456',
    // A letter that was typed instead of a digit: without it, this could be the number of another person.
    '+44789412345O',
    '+44 7894 1234S6',
  ])('does not find one phone number in %j', (typed) => {
    expect(normalizePhone(typed)).not.toMatch(/^\+?\d+$/);
  });

  it('removes any decoration of an international number, and does not change the result again', () => {
    const digit = fc.tuple(fc.integer({ min: 0, max: 9 }), script, invisible, separator);
    // A zero in brackets would be the one that is only dialled within the country, and be left out.
    const hasBracketedZero = (typed: [number, number, string, string][]) =>
      typed.some(
        ([value, , , after], index) => value === 0 && after === ') ' && typed[index - 1]?.[3] === ' (',
      );
    const digits = fc
      .array(digit, { minLength: 7, maxLength: 14 })
      .filter((typed) => !hasBracketedZero(typed));
    fc.assert(
      fc.property(prefix, invisible, digits, suffix, (before, hidden, typed, after) => {
        const decorated = typed.map(
          ([value, zero, mark, between], index) =>
            // One or two digits after a slash or in brackets would be another number.
            String.fromCharCode(zero + value) + mark + (index < typed.length - 3 ? between : ''),
        );
        const phone = `+1${typed.map(([value]) => value).join('')}`;
        // The separator after the last digit would be part of the suffix.
        const text = `${before}${hidden}+1${decorated.join('')}`.replace(/[^\p{Nd}]*$/u, after);
        expect(normalizePhone(text)).toBe(phone);
        expect(normalizePhone(phone)).toBe(phone);
      }),
    );
  });

  it('is idempotent', () => {
    const part = fc.oneof(
      invisible,
      separator,
      prefix,
      suffix,
      fc.constantFrom('+', '00', '44', '7', 'x'),
      fc.string({ unit: anyCharacter }),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const phone = normalizePhone(parts.join(''));
        expect(normalizePhone(phone)).toBe(phone);
      }),
    );
  });
});
