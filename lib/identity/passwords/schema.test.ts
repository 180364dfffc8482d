import { expect, test } from 'vitest';
import { describeTypedPassword } from './schema.ts';

test.each([
  ['', 15, 'Enter a new password.'],
  ['fourteen chars', 15, 'Use at least 15 characters. Try adding another word.'],
  ['fourteen chars', 8, undefined],
  ['fifteen letters', 15, undefined],
  // Counts 15 code points, not their 30 UTF-16 code units.
  ['🎭'.repeat(15), 15, undefined],
  ['🎭'.repeat(14), 15, 'Use at least 15 characters. Try adding another word.'],
])('describes %j with a minimum of %i characters as: %s', (password, minLength, message) => {
  expect(describeTypedPassword(password, minLength)).toBe(message);
});
