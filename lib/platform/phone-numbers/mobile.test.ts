import examples from 'libphonenumber-js/examples.mobile';
import { getCountries, getExampleNumber } from 'libphonenumber-js/max';
import { describe, expect, it } from 'vitest';
import { normalizePhone } from '#lib/platform/user-input/phone.ts';
import { UNKNOWN_NUMBER } from './messages.ts';
import { parseMobile } from './mobile.ts';

const FICTIONAL = { allowsFictional: true };

describe('parseMobile', () => {
  it.each([
    ['+447894123456', '+447894123456', 'GB'],
    [' +44 7894 123 456 ', '+447894123456', 'GB'],
    ['+44 (0) 7894 123456', '+447894123456', 'GB'],
    ['0047 406 12 345', '+4740612345', 'NO'],
    ['+1 202-456-1111', '+12024561111', 'US'],
    ['\u202d+44 7894 123456\u202c', '+447894123456', 'GB'],
    ['(+44) 7894 123456', '+447894123456', 'GB'],
    ['Mobile: +44 7894 123456,', '+447894123456', 'GB'],
    ['+٤٤ ٧٨٩٤ ١٢٣٤٥٦', '+447894123456', 'GB'],
    ['+44789412345６', '+447894123456', 'GB'],
    ['+39 (0)347 1234567', '+393471234567', 'IT'],
    // Calling codes that several countries share.
    ['+1 250 999 0199', '+12509990199', 'CA'],
    ['+1 242 359 1234', '+12423591234', 'BS'],
    ['+44 7781 123456', '+447781123456', 'GG'],
    ['+7 771 000 9998', '+77710009998', 'KZ'],
  ])('accepts %s, and returns its country', (text, e164, country) => {
    expect(parseMobile(text, 'GB')).toEqual({ ok: true, e164, country });
  });

  it('suggests the international form of a national number', () => {
    expect(parseMobile('07894 123 456', 'GB')).toEqual({
      ok: false,
      message: 'Start with the country code: +44 7894 123456',
    });
  });

  it('reads a national number as one of the given country', () => {
    expect(parseMobile('406 12 345', 'NO')).toMatchObject({
      message: expect.stringContaining('+47 40 61 23 45'),
    });
  });

  it.each(['+442079460000', '020 7946 0000'])('rejects a landline: %s', (text) => {
    expect(parseMobile(text, 'GB')).toEqual({
      ok: false,
      message: 'This is a landline. Enter a mobile number.',
    });
  });

  const FICTIONAL_NUMBERS = [
    ['+44 7700 900000', 'GB'],
    ['+44 7700 900999', 'GB'],
    ['+1 202-555-0143', 'US'],
    ['+1 250 555 0199', 'CA'],
    // libphonenumber regards this one as invalid.
    ['+1 242 555 0100', 'BS'],
  ] as const;

  it.each(FICTIONAL_NUMBERS)(
    'accepts %s, which is reserved for fiction, only if that is allowed',
    (text, country) => {
      expect(parseMobile(text, 'GB', FICTIONAL)).toEqual({ ok: true, e164: normalizePhone(text), country });
      expect(parseMobile(text, 'GB')).toEqual({
        ok: false,
        message:
          'No phone has this number: it’s reserved for films and examples. Enter a real mobile number.',
      });
    },
  );

  it('suggests the international form of a number that is reserved for fiction only if that is allowed', () => {
    expect(parseMobile('07700 900123', 'GB', FICTIONAL)).toMatchObject({
      message: expect.stringMatching(/^Start with the country code: \+44/),
    });
    expect(parseMobile('07700 900123', 'GB')).toMatchObject({
      message: expect.stringContaining('reserved for films and examples'),
    });
  });

  it.each([
    ['+441632960123', 'a landline'],
    ['+442079460123', 'a landline'],
    ['+443069990123', 'a business (universal access) number'],
    ['+448081570123', 'a freephone number'],
    ['+449098790123', 'a premium-rate number'],
    ['+18005550199', 'a freephone number'],
  ])(
    'rejects %s, which is reserved for fiction but is %s, also if such numbers are allowed',
    (text, type) => {
      const rejection = { ok: false, message: `This is ${type}. Enter a mobile number.` };
      expect(parseMobile(text, 'GB', FICTIONAL)).toEqual(rejection);
      expect(parseMobile(text, 'GB')).toEqual(rejection);
    },
  );

  it.each(['+44 7700 800123', '+44 7701 900123', '+1 202 555 1143', '+1 202 556 0143'])(
    'regards %s as outside the ranges that are reserved for fiction',
    (text) => {
      expect(parseMobile(text, 'GB')).toMatchObject({ ok: true });
    },
  );

  it.each(['+1 300 555 0100', '+44 7700 9001234'])(
    'rejects %s, which is not in any country, as invalid',
    (text) => {
      expect(parseMobile(text, 'GB', FICTIONAL)).toMatchObject({
        message: expect.stringContaining('isn’t a valid number'),
      });
    },
  );

  it.each([
    ['+254 199 123 456', '+254199123456', 'KE'],
    ['+880 1234 567890', '+8801234567890', 'BD'],
    // Of the countries that share a calling code, the main one.
    ['+1 300 555 1234', '+13005551234', 'US'],
  ])('accepts %s, whose range is unknown, only if that is allowed', (text, e164, country) => {
    expect(parseMobile(text, 'GB')).toEqual({ ok: false, message: UNKNOWN_NUMBER });
    expect(parseMobile(text, 'GB', { allowsUnknown: true })).toEqual({
      ok: true,
      e164,
      country,
      isUnknown: true,
    });
  });

  it.each([
    // Too short and too long for its country.
    ['+1 300 555 123', 'isn’t a valid number'],
    ['+880 1234 567890 12', 'isn’t a valid number'],
    ['+1 300 555 0100', 'reserved for films'],
    // No such country, and one of no country.
    ['+999 123 456 789', 'isn’t a valid number'],
    ['+881 612 345 678', 'can’t text this number'],
    ['+44 20 7946 0000', 'a landline'],
    ['+44 7700 900123', 'reserved for films'],
    ['07894 123 456', 'country code'],
  ])('rejects %s, also if unknown numbers are allowed', (text, message) => {
    expect(parseMobile(text, 'GB', { allowsUnknown: true })).toEqual({
      ok: false,
      message: expect.stringContaining(message),
    });
  });

  it('accepts the example mobile number of every country', () => {
    // These countries share the numbering plan of another one, and their mobiles count as that country's.
    const planCountries: Record<string, string> = {
      AX: 'FI',
      BL: 'GP',
      CC: 'AU',
      CX: 'AU',
      EH: 'MA',
      IM: 'GB',
      MF: 'GP',
      SJ: 'NO',
      VA: 'IT',
    };
    const rejected = getCountries().flatMap((country) => {
      const number = getExampleNumber(country, examples)?.number ?? '';
      // The example of the United States is reserved for fiction.
      const result = parseMobile(number, 'GB', FICTIONAL);
      return result.ok && result.country === (planCountries[country] ?? country)
        ? []
        : [{ country, number, result }];
    });
    expect(rejected).toEqual([]);
  });

  it.each([
    ['+449098790000', 'a premium-rate number'],
    ['+448450000000', 'a premium-rate number'],
    ['+19005551234', 'a premium-rate number'],
    ['+33891123456', 'a premium-rate number'],
    ['+491805123456', 'a shared-cost number'],
    ['+445600123456', 'an internet (VoIP) number'],
    ['+33950123456', 'an internet (VoIP) number'],
    ['+447640123456', 'a pager number'],
    ['+447012345678', 'a call-forwarding number'],
    ['+448001234567', 'a freephone number'],
    ['+18005550199', 'a freephone number'],
    ['+445512345678', 'a business (universal access) number'],
    ['+4781512345', 'a business (universal access) number'],
    ['+46252123456789', 'a voicemail number'],
  ])('rejects %s, which is %s', (text, type) => {
    expect(parseMobile(text, 'GB')).toEqual({
      ok: false,
      message: `This is ${type}. Enter a mobile number.`,
    });
  });

  it.each([
    ['+881612345678', 'a satellite phone'],
    ['+870773111632', 'a satellite phone at sea'],
    ['+882161234567', 'an international network'],
    ['+883510001012', 'an international network'],
    ['+80012345678', 'an international freephone number'],
    ['+80812345678', 'an international shared-cost number'],
    ['+979123456789', 'an international premium-rate number'],
  ])('rejects %s (%s), which belongs to no country', (text) => {
    expect(parseMobile(text, 'GB')).toEqual({
      ok: false,
      message: 'We can’t text this number. Enter an ordinary mobile number.',
    });
  });

  it.each(['', 'abc', '+', '+44', '+4478941234567890', '12', '+447894123456 ext 5', '+44789412345O'])(
    'returns a number in E.164 or a message for %j',
    (text) => {
      const result = parseMobile(text, 'GB');
      if (result.ok) expect(result.e164).toMatch(/^\+[1-9]\d{6,14}$/);
      // A message ends with a full stop, or with the number that it suggests.
      else expect(result.message).toMatch(/[.\d]$/);
    },
  );
});
