import { describe, expect, it } from 'vitest';
import { parseLimit } from './parse-limit.ts';
import { editApiAccountSchema } from './schema.ts';

describe('parseLimit', () => {
  it.each([
    ['60', 60],
    [' 1 ', 1],
    ['0060', 60],
    ['1000000', 1_000_000],
    ['1,000,000', 1_000_000],
    ['10 000', 10_000],
    ['10\u202f000', 10_000],
    ['1’000', 1_000],
    ['\u202d1,000\u202c', 1_000],
    ['１０００', 1_000],
    ['٦٠', 60],
    ['١٬٠٠٠', 1_000],
    [600, 600],
    ['', null],
    [' \t', null],
    [null, null],
  ])('parses %j as %j', (typed, limit) => {
    expect(parseLimit(typed)).toBe(limit);
  });

  it.each([
    ['0'],
    ['-1'],
    ['1.5'],
    ['1.000'],
    ['10,00'],
    ['1,0000'],
    ['1000001'],
    ['1e3'],
    ['0x10'],
    ['sixty'],
    ['60 a minute'],
    ['9'.repeat(300)],
    [0],
    [1.5],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [1_000_001],
  ])('rejects %j', (typed) => {
    expect(parseLimit(typed)).toBeUndefined();
  });
});

describe('editApiAccountSchema', () => {
  const rest = {
    id: '00000000-0000-7000-8000-000000000000',
    version: 1,
    email: 'it@example.com',
    phone: '+447894123456',
    active: true,
  };
  const parseSubmittedLimit = (requestsPerMinute: unknown) =>
    editApiAccountSchema.safeParse({ ...rest, requestsPerMinute }).data?.requestsPerMinute;

  it('accepts a limit as text, as a number, empty, null or missing', () => {
    expect(parseSubmittedLimit('1,000')).toBe(1_000);
    expect(parseSubmittedLimit(1_000)).toBe(1_000);
    expect(parseSubmittedLimit('')).toBeNull();
    expect(parseSubmittedLimit(null)).toBeNull();
    expect(editApiAccountSchema.parse(rest)).toEqual(rest);
  });

  it.each(['0', 'many', true, {}, ['60']])('returns an error for the field for %j', (typed) => {
    const { error } = editApiAccountSchema.safeParse({ ...rest, requestsPerMinute: typed });
    expect(error?.issues).toEqual([expect.objectContaining({ path: ['requestsPerMinute'] })]);
    expect(error?.issues[0]?.message).toBe('Enter a whole number from 1 to 1,000,000, or leave this empty.');
  });
});
