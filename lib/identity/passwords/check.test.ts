import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkPassword } from './check.ts';

const userInputs = ['Ada.Minister@example.com', 'Ada Minister', 'Northwind Traders'];
const check = (password: string, hasFactor = false) => checkPassword({ password, hasFactor, userInputs });

test.each([
  ['fourteen chars', false, 15],
  ['seven c', true, 8],
  // Seven characters of two UTF-16 code units each.
  ['🎭🎪🎨🎬🎤🎧🎼', true, 8],
])('rejects %s as too short', (password, hasFactor, minLength) => {
  expect(check(password, hasFactor)).toEqual({ ok: false, reason: 'too_short', minLength });
});

test.each([
  ['fifteen charact', false],
  ['eight ch', true],
  ['🎭🎪🎨🎬🎤🎧🎼🎹', true],
  ['no capitals digits or signs', false],
  ['northwind traders and then some', false],
  ['correct horse battery staple', false],
  ['a quiet lamp on the stairs', false],
  ['password of the north wind', false],
  ['my dragon ate 47 candles', false],
  ['ada went to the theatre', false],
  ['qwerty is a poor start', false],
  ['836219740528 dad', false],
  ['four 1984 words 2026', false],
])('accepts %s', (password, hasFactor) => {
  expect(check(password, hasFactor)).toEqual({ ok: true });
});

test.each([
  'password',
  'QWERTYUIOP',
  'passwordpassword',
  'Qwerty123456789',
  'aaaaaaaaaaaaaaa',
  'monkeymonkeymonkey',
  'password       ',
  'Password1234567',
  'password12345678',
  '1234password5678',
  'pass1234567890123',
  '!password!password',
  'dragon1dragon1dragon1',
  '123456789012345',
  '0987654321098765',
  '1234 5678 9012 345',
  'qwertyuiopasdfg',
  'zxcvbnmasdfghjkl',
  'poiuytrewqlkjhg',
  'abcdefghijklmno',
])('rejects %s as too common', (password) => {
  expect(check(password, true)).toEqual({ ok: false, reason: 'too_common' });
});

test.each([
  'ada.minister@example.com',
  'ada.minister',
  'ADA MINISTER ada minister',
  'Northwind-Traders!',
  'northwindtraders',
  // The product's name counts as a personal term, too.
  'stagedoorstagedoor',
  'Stage door!!!!!!',
  'stagedoorstagedoor1',
  'northwindnorthwind',
  'Traders2026Traders2026',
  'AdaMinisterAda',
  'Northwind Traders Ada Minister',
  'example com example',
])('rejects %s as personal terms', (password) => {
  expect(check(password, true)).toEqual({ ok: false, reason: 'personal_terms' });
});

test('rejects a password as too short if and only if it has too few characters', () => {
  const character = fc.oneof(
    fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }),
    fc.constantFrom('ü', '漢', '🎭', ' '),
  );
  const password = fc.array(character, { minLength: 0, maxLength: 40 }).map((all) => all.join(''));
  fc.assert(
    fc.property(password, fc.boolean(), (typed, hasFactor) => {
      const result = check(typed, hasFactor);
      const minLength = hasFactor ? 8 : 15;
      const isLongEnough = Array.from(typed).length >= minLength;
      expect(result.ok === false && result.reason === 'too_short').toBe(!isLongEnough);
      // A second factor never makes a valid password invalid, and a longer password is never too short.
      if (result.ok) expect(check(typed, true).ok).toBe(true);
      if (isLongEnough) expect(check(`${typed}x`, hasFactor)).not.toMatchObject({ reason: 'too_short' });
    }),
    { numRuns: 2_000 },
  );
});

test('rejects repeated personal terms, with any separator and in upper case', () => {
  const term = fc.constantFrom('Ada Minister', 'ada.minister@example.com', 'Northwind Traders', 'stagedoor');
  const separator = fc.constantFrom('', ' ', '.', '-', '_', '!', '…');
  const repetition = fc.tuple(term, separator, fc.integer({ min: 2, max: 5 }), fc.boolean());
  fc.assert(
    fc.property(repetition, ([repeatedTerm, separatorBetween, count, isUpperCase]) => {
      const typed = Array<string>(count).fill(repeatedTerm).join(separatorBetween);
      expect(check(isUpperCase ? typed.toUpperCase() : typed)).toEqual({
        ok: false,
        reason: 'personal_terms',
      });
    }),
  );
});

test('uses little CPU time for personal terms that would slow a regular expression down', () => {
  const name = Array.from({ length: 20 }, (_, index) => 'a'.repeat(index + 3)).join(' ');
  const before = process.threadCpuUsage();
  checkPassword({ password: `${'a'.repeat(255)}b`, hasFactor: false, userInputs: [name] });
  // CPU time in microseconds, which does not depend on the machine's load.
  const { user, system } = process.threadCpuUsage(before);
  expect(user + system).toBeLessThan(500_000);
});
