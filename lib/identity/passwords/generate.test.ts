import { expect, test } from 'vitest';
import { generatePassword } from './generate.ts';

test('generates unique passwords that are easy to read out', () => {
  const passwords = Array.from({ length: 500 }, generatePassword);
  for (const password of passwords) expect(password).toMatch(/^[a-hjkmnp-z2-9]{5}(-[a-hjkmnp-z2-9]{5}){3}$/);
  expect(new Set(passwords).size).toBe(500);
  // All 31 characters occur in 10,000; a missing one would be a bug in the selection.
  expect(new Set(passwords.join('').replaceAll('-', '')).size).toBe(31);
});
