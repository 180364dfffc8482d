import { describe, expect, it } from 'vitest';
import { checkSignInInput } from './check-input.ts';
import { signInSchema } from './schema.ts';

describe('checkSignInInput', () => {
  it.each([
    { email: 'ada@example.com', password: 'p' },
    { email: ' Ada <ada@example.com> ', password: ' ' },
    { email: '', password: '' },
    { email: ' \u200b', password: 'p'.repeat(256) },
    { email: 'not an address', password: 'p'.repeat(257) },
    { email: `${'a'.repeat(250)}@example.com`, password: 'p' },
    { email: 'a\ud800@example.com', password: 'p' },
    { email: 'x'.repeat(2_000), password: 'p' },
  ])('finds the same errors as the server: %j', (input) => {
    const errors = signInSchema.safeParse(input).error?.issues ?? [];
    const expected = Object.fromEntries(errors.map(({ path: [field], message }) => [field, message]));
    expect(checkSignInInput(input)).toEqual(expected);
  });
});
