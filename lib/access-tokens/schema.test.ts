import { describe, expect, it } from 'vitest';
import { MAX_TYPED_LENGTH } from '#lib/platform/user-input/characters.ts';
import { newAccessTokenSchema, parseTokenDays } from './schema.ts';

const VALID = { name: 'Terraform', scopes: ['accounts:read'], days: 90 };
const findErrors = (input: unknown) =>
  newAccessTokenSchema.safeParse(input).error?.issues.map(({ message }) => message);

describe('parseTokenDays', () => {
  it.each([
    ['1', 1],
    [' 365 ', 365],
    [90, 90],
    ['366', undefined],
    ['0', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['', undefined],
    ['many', undefined],
    ['9'.repeat(MAX_TYPED_LENGTH), undefined],
  ])('parses %j as %j', (typed, days) => expect(parseTokenDays(typed)).toBe(days));
});

describe('newAccessTokenSchema', () => {
  it('accepts each scope once, in a fixed order', () => {
    const scopes = ['webhooks:write', 'accounts:read', 'webhooks:write'];
    expect(newAccessTokenSchema.parse({ ...VALID, scopes }).scopes).toEqual([
      'accounts:read',
      'webhooks:write',
    ]);
  });

  it.each([
    ['no name', { name: ' ' }, 'Enter a name, such as that of the program that uses the token.'],
    ['a long name', { name: 'x'.repeat(81) }, 'Use up to 80 characters.'],
    ['no scopes', { scopes: [] }, 'Choose what the token can do.'],
    ['more than a year', { days: '366' }, 'Enter a whole number from 1 to 365.'],
    ['no days', { days: undefined }, 'Enter a whole number from 1 to 365.'],
  ])('refuses %s', (_, change, message) => expect(findErrors({ ...VALID, ...change })).toEqual([message]));

  it('refuses an unknown scope', () => {
    expect(findErrors({ ...VALID, scopes: ['users:write'] })).toHaveLength(1);
  });
});
