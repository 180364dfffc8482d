import { expect, test } from 'vitest';
import { describeTyped } from './schema.ts';

test.each([
  ['', 15, 'Choose a password.'],
  ['fourteen chars', 15, 'Your password needs at least 15 characters. Add some, such as one more word.'],
  ['fourteen chars', 8, undefined],
  ['fifteen letters', 15, undefined],
  // Code points count: these are 15 of them, and twice as many in UTF-16.
  ['🎭'.repeat(15), 15, undefined],
  ['🎭'.repeat(14), 15, 'Your password needs at least 15 characters. Add some, such as one more word.'],
])('of %j with at least %i characters says: %s', (password, least, said) => {
  expect(describeTyped(password, least)).toBe(said);
});
