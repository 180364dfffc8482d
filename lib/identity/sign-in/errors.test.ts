import { expect, test } from 'vitest';
import { describeSignInError, formatSignInError, parseSignInError, type SignInError } from './errors.ts';
import { signInSchema } from './schema.ts';

test.each<SignInError>([
  { reason: 'wrong_credentials' },
  { reason: 'rate_limited', seconds: 895 },
  { reason: 'second_factor', factors: ['passkey', 'totp', 'recovery'] },
  { reason: 'second_factor', factors: ['passkey'] },
  { reason: 'malformed' },
  { reason: 'wrong_factor', attemptsLeft: 4 },
  { reason: 'expired' },
  { reason: 'wrong_passkey' },
  { reason: 'stale' },
  { reason: 'unavailable' },
])('formats and parses $reason', (error) => {
  expect(parseSignInError(formatSignInError(error))).toEqual(error);
});

test.each([
  null,
  undefined,
  '',
  'CredentialsSignin',
  'rate_limited:',
  'rate_limited:-1',
  'rate_limited:x',
  'wrong ',
  'second_factor:',
  'second_factor:x',
  'wrong_factor:x',
])('parses %j as unavailable', (code) => expect(parseSignInError(code)).toEqual({ reason: 'unavailable' }));

test('describes how long to wait', () => {
  const message = describeSignInError({ reason: 'rate_limited', seconds: 24 * 60 * 60 });
  expect(message).toBe('Too many attempts. Try again in about 24 hours.');
});

test('accepts passwords of 1 to 256 characters, and keeps their outer spaces', () => {
  const parse = (password: unknown) => signInSchema.safeParse({ email: ' a@example.com ', password });
  expect(parse(' x ').data).toEqual({ email: 'a@example.com', password: ' x ' });
  expect(parse('x'.repeat(256)).success).toBe(true);
  for (const invalid of ['', 'x'.repeat(257), undefined, 7, ['x'], { $ne: '' }]) {
    expect(parse(invalid).success).toBe(false);
  }
});

test('rejects an email address with a lone surrogate', () => {
  expect(signInSchema.safeParse({ email: '\ud800@example.com', password: 'x' }).success).toBe(false);
});

test('normalises the email address like the form in which an administrator entered it', () => {
  const parse = (email: string) => signInSchema.safeParse({ email, password: 'x' }).data?.email;
  for (const email of [
    '\ufeffa\0@example.com',
    'mailto:a@example.com',
    'Ada <a@example.com>',
    'a＠example。com',
  ])
    expect(parse(email)).toBe('a@example.com');
});
