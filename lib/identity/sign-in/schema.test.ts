import { expect, test } from 'vitest';
import {
  describeSignInError,
  formatSignInError,
  parseSignInError,
  type SignInError,
  signInSchema,
} from './schema.ts';

test.each<SignInError>([
  { reason: 'wrong' },
  { reason: 'throttled', seconds: 895 },
  { reason: 'second_factor', factors: ['passkey', 'totp', 'recovery'] },
  { reason: 'second_factor', factors: ['passkey'] },
  { reason: 'malformed' },
  { reason: 'wrong_factor', triesLeft: 4 },
  { reason: 'over' },
  { reason: 'wrong_passkey' },
  { reason: 'stale' },
  { reason: 'unavailable' },
])('brings $reason to the browser and back', (error) => {
  expect(parseSignInError(formatSignInError(error))).toEqual(error);
});

test.each([
  null,
  undefined,
  '',
  'CredentialsSignin',
  'throttled:',
  'throttled:-1',
  'throttled:x',
  'wrong ',
  'second_factor:',
  'second_factor:x',
  'wrong_factor:x',
])('takes %j for an outage', (code) => expect(parseSignInError(code)).toEqual({ reason: 'unavailable' }));

test('says how long to wait', () => {
  const told = describeSignInError({ reason: 'throttled', seconds: 24 * 60 * 60 });
  expect(told).toBe('There have been too many attempts. Wait about 24 hours, then try again.');
});

test('takes passwords of 1 to 256 characters, outer spaces and all', () => {
  const password = (text: unknown) => signInSchema.safeParse({ email: ' a@example.com ', password: text });
  expect(password(' x ').data).toEqual({ email: 'a@example.com', password: ' x ' });
  expect(password('x'.repeat(256)).success).toBe(true);
  for (const refused of ['', 'x'.repeat(257), undefined, 7, ['x'], { $ne: '' }]) {
    expect(password(refused).success).toBe(false);
  }
});

test('takes no email address that the database cannot look up', () => {
  for (const email of ['\0a@example.com', 'a\0@example.com', '\ud800@example.com', 'a\r\nb@example.com'])
    expect(signInSchema.safeParse({ email, password: 'x' }).success).toBe(false);
});
