import { describe, expect, it } from 'vitest';
import { isSamePolicy, mergePolicy } from './merge-policy.ts';

const createPolicy = (countries: string[], perDay = 200, perAccountPerDay = 20, version = 1) => ({
  ...{ countries, perDay, perAccountPerDay, version },
});
const merge = (original: ReturnType<typeof createPolicy>, saved: typeof original, typed: typeof original) =>
  mergePolicy({ original, saved, typed }, (code) => `<${code}>`);

describe('mergePolicy', () => {
  it('keeps edits, takes the saved values of other fields, and reports what the other administrator changed', () => {
    const result = merge(
      createPolicy(['DK', 'SE']),
      createPolicy(['DK', 'NO', 'SE'], 500, 20, 2),
      createPolicy(['DE', 'DK'], 200, 5),
    );
    // A saved limit is filled in as text; a typed one stays as it is.
    expect(result.merged).toMatchObject({
      countries: ['DE', 'DK', 'NO'],
      perDay: '500',
      perAccountPerDay: 5,
    });
    expect(result.differences).toEqual([
      { label: 'Daily limit, all accounts', saved: '500', typed: null },
      { label: 'Countries', saved: '<NO> turned on', typed: '<DE> turned on; <SE> turned off' },
    ]);
  });

  it('reports both values if both administrators changed the same limit', () => {
    const result = merge(createPolicy([]), createPolicy([], 500), createPolicy([], 1_000));
    expect(result.merged.perDay).toBe(1_000);
    expect(result.differences).toEqual([
      { label: 'Daily limit, all accounts', saved: '500', typed: '1,000' },
    ]);
  });

  it('reports no dispute if both administrators made the same change, and nothing if no change was saved', () => {
    const same = merge(createPolicy([]), createPolicy(['NO'], 500), createPolicy(['NO'], 500));
    expect(same.differences.map(({ typed }) => typed)).toEqual([null, null]);
    expect(merge(createPolicy(['NO']), createPolicy(['NO']), createPolicy(['NO'])).differences).toEqual([]);
  });
});

describe('isSamePolicy', () => {
  const saved = createPolicy(['DK', 'NO'], 1_000);
  const typed = { countries: ['NO', 'DK'], perDay: '1000', perAccountPerDay: '20' };

  it.each([{}, { perDay: '1,000' }, { perDay: ' 1 000 ' }, { perDay: 1_000 }, { perAccountPerDay: '２０' }])(
    'compares limits by their value, so that a retry after a lost response is no conflict: %j',
    (fields) => expect(isSamePolicy({ ...typed, ...fields }, saved)).toBe(true),
  );

  it.each([{ perDay: '1001' }, { perDay: '' }, { perAccountPerDay: 'x' }, { countries: ['DK'] }])(
    'returns false for other values: %j',
    (fields) => expect(isSamePolicy({ ...typed, ...fields }, saved)).toBe(false),
  );
});
