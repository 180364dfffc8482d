import { expect, test } from 'vitest';
import { describeTypedPassword } from './schema.ts';

test.each([
  ['', 15, 'Enter a new password.'],
  ['fourteen chars', 15, 'Use at least 15 characters. Try adding another word.'],
  ['fourteen chars', 8, undefined],
  ['fifteen letters', 15, undefined],
  // Counts code points: 15 of them, which are 30 UTF-16 units.
  ['🎭'.repeat(15), 15, undefined],
  ['🎭'.repeat(14), 15, 'Use at least 15 characters. Try adding another word.'],
])('describes %j with a minimum of %i characters as: %s', (password, minLength, message) => {
  expect(describeTypedPassword(password, minLength)).toBe(message);
});
