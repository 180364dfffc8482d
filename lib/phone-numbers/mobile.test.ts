import { describe, expect, it } from 'vitest';
import { parseMobile } from './mobile.ts';

describe('parseMobile', () => {
  it.each([
    ['+447894123456', '+447894123456'],
    [' +44 7894 123 456 ', '+447894123456'],
    ['+44 (0) 7894 123456', '+447894123456'],
    ['0047 406 12 345', '+4740612345'],
    ['+1 202-555-0143', '+12025550143'],
  ])('accepts %s', (text, e164) => {
    expect(parseMobile(text, 'GB')).toEqual({ ok: true, e164 });
  });

  it('answers a national number with what to type instead', () => {
    expect(parseMobile('07894 123 456', 'GB')).toEqual({
      ok: false,
      message: 'Enter the number in international form: +447894123456',
    });
  });

  it("takes the organisation's country for national numbers", () => {
    expect(parseMobile('406 12 345', 'NO')).toMatchObject({
      message: expect.stringContaining('+4740612345'),
    });
  });

  it.each(['+442079460000', '020 7946 0000'])('says why a landline will not do: %s', (text) => {
    expect(parseMobile(text, 'GB')).toEqual({
      ok: false,
      message: 'This is a landline, which cannot receive the text. Enter a mobile number.',
    });
  });

  it.each(['', 'abc', '+', '+44', '+4478941234567890', '12', '+447894123456 ext 5', '+44789412345６'])(
    'refuses %j',
    (text) => {
      const result = parseMobile(text, 'GB');
      if (result.ok) expect(result.e164).toMatch(/^\+[1-9]\d{6,14}$/);
      else expect(result.message).toMatch(/[.\d]$/);
    },
  );
});
