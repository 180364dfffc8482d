import { expect, test } from 'vitest';
import { generatePassword } from './generate.ts';

test('generates unique passwords that are easy to read out', () => {
  const passwords = Array.from({ length: 500 }, generatePassword);
  for (const password of passwords) expect(password).toMatch(/^[a-hjkmnp-z2-9]{5}(-[a-hjkmnp-z2-9]{5}){3}$/);
  expect(new Set(passwords).size).toBe(500);
  // 500 passwords have 10,000 characters, so each of the 31 possible ones occurs.
  expect(new Set(passwords.join('').replaceAll('-', '')).size).toBe(31);
});
