import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { toBase32 } from './base32.ts';
import { buildTotpUri, findMatchingStep, generateTotpCode } from './totp.ts';
import { drawQrCode } from './totp-qr.ts';
import { decryptTotpSecret, encryptTotpSecret, generateTotpSecret } from './totp-secret.ts';

const SECRET = Buffer.from('12345678901234567890');

// RFC 6238, appendix B, SHA-1: the last six of its eight digits.
test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('generates the code of RFC 6238 at second %i', (seconds, code) => {
  expect(generateTotpCode(SECRET, Math.floor(seconds / 30))).toBe(code);
});

// RFC 4226, appendix D.
test('generates the codes of RFC 4226 in order', () => {
  const codes = Array.from({ length: 10 }, (_, count) => generateTotpCode(SECRET, count));
  expect(codes).toEqual([
    '755224',
    '287082',
    '359152',
    '969429',
    '338314',
    '254676',
    '287922',
    '162583',
    '399871',
    '520489',
  ]);
});

test('matches a code one time step away, but not two', () => {
  const findStepOfCode = (steps: number) =>
    findMatchingStep(SECRET, generateTotpCode(SECRET, 1_000 + steps), 1_000);
  expect([-2, -1, 0, 1, 2].map(findStepOfCode)).toEqual([null, 999, 1_000, 1_001, null]);
  expect(findMatchingStep(SECRET, '', 1_000)).toBeNull();
});

// RFC 4648, section 10, without its padding.
test.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('encodes %j as base32', (text, expected) => {
  expect(toBase32(Buffer.from(text))).toBe(expected);
});

test('escapes the names in the URI for the authenticator app, and draws it as a QR code', () => {
  const uri = buildTotpUri(SECRET, { issuer: 'Gas & Power: North', account: 'ada@example.com' });
  expect(uri).toBe(
    'otpauth://totp/Gas%20%26%20Power%3A%20North:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Gas%20%26%20Power%3A%20North',
  );
  const { size, path } = drawQrCode(uri);
  expect(size).toBeGreaterThan(20);
  expect(path).toMatch(/^M[\dMHVLhvlmzZ ,.-]+$/);
});

test('encrypts a secret for one user, and decrypts neither another user’s nor a modified one', () => {
  const [ada, eve] = ['018f2f6e-7a70-7000-8000-000000000001', '018f2f6e-7a70-7000-8000-000000000002'];
  const secret = generateTotpSecret();
  const encrypted = encryptTotpSecret(ada, secret);
  expect(encrypted.includes(secret)).toBe(false);
  expect(decryptTotpSecret(ada, encrypted)).toEqual(secret);
  expect(decryptTotpSecret(eve, encrypted)).toBeNull();
  for (let index = 0; index < encrypted.length; index += 1) {
    const modified = Buffer.from(encrypted);
    modified[index] = (modified[index] ?? 0) ^ 1;
    expect(decryptTotpSecret(ada, modified)).toBeNull();
  }
  expect(decryptTotpSecret(ada, randomBytes(5))).toBeNull();
});
