import { expect, test } from 'vitest';
import { generatePassword } from './generate.ts';

test('makes passwords that can be read out, each another', () => {
  const made = Array.from({ length: 500 }, generatePassword);
  for (const password of made) expect(password).toMatch(/^[a-hjkmnp-z2-9]{5}(-[a-hjkmnp-z2-9]{5}){3}$/);
  expect(new Set(made).size).toBe(500);
  // Every letter and digit turns up in 10,000: one that is missing would be a mistake in the choosing.
  expect(new Set(made.join('').replaceAll('-', '')).size).toBe(31);
});
