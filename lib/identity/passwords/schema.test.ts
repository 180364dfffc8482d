import { expect, test } from 'vitest';
import { describeTypedPassword } from './schema.ts';

test.each([
  ['', 15, 'Choose a password.'],
  ['fourteen chars', 15, 'Your password needs at least 15 characters. Add some, such as one more word.'],
  ['fourteen chars', 8, undefined],
  ['fifteen letters', 15, undefined],
  // Counts code points: 15 of them, which are 30 UTF-16 units.
  ['🎭'.repeat(15), 15, undefined],
  ['🎭'.repeat(14), 15, 'Your password needs at least 15 characters. Add some, such as one more word.'],
])('describes %j with a minimum of %i characters as: %s', (password, minLength, message) => {
  expect(describeTypedPassword(password, minLength)).toBe(message);
});
