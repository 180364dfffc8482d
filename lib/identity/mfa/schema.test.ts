import { expect, test } from 'vitest';
import { passkeyNameSchema } from './schema.ts';

test.each([
  ['A phone \ud83d', 'Remove the character after “A phone”. It can’t be displayed (U+D83D).'],
  ['\ude00 phone', 'Remove the character at the beginning. It can’t be displayed (U+DE00).'],
])('rejects the passkey name %j and names the character to remove', (name, message) => {
  expect(passkeyNameSchema.safeParse(name).error?.issues[0]?.message).toBe(message);
});

test('removes invisible characters from a passkey name', () => {
  expect(passkeyNameSchema.parse('\ufeffA\nph\0one\u200b')).toBe('A phone');
});

test.each(['A phone', 'Zoë’s phone 😀', '電話'])('accepts the passkey name %j', (name) => {
  expect(passkeyNameSchema.parse(name)).toBe(name);
});
