import { expect, test } from 'vitest';
import { passkeyNameSchema } from './schema.ts';

test.each(['A\0phone', 'A\u0007phone', 'A\nphone', 'A phone \ud83d', '\ude00 phone'])(
  'rejects the passkey name %j with an error that says what to do',
  (name) => {
    expect(passkeyNameSchema.safeParse(name).error?.issues[0]?.message).toContain(
      'Type it instead of pasting it',
    );
  },
);

test.each(['A phone', 'Zoë’s phone 😀', '電話'])('accepts the passkey name %j', (name) => {
  expect(passkeyNameSchema.parse(name)).toBe(name);
});
