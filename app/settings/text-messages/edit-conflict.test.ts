import { describe, expect, it } from 'vitest';
import { mergePolicy } from './edit-conflict.ts';

const policy = (countries: string[], perDay = 200, perAccountPerDay = 20, version = 1) => ({
  ...{ countries, perDay, perAccountPerDay, version },
});
const merge = (original: ReturnType<typeof policy>, saved: typeof original, typed: typeof original) =>
  mergePolicy({ original, saved, typed }, (code) => `<${code}>`);

describe('mergePolicy', () => {
  it('keeps edits, takes the saved values of other fields, and reports both', () => {
    const result = merge(
      policy(['DK', 'SE']),
      policy(['DK', 'NO', 'SE'], 500, 20, 2),
      policy(['DE', 'DK'], 200, 5),
    );
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
    const result = merge(policy([]), policy([], 500), policy([], 1_000));
    expect(result.merged.perDay).toBe(1_000);
    expect(result.differences).toEqual([
      { label: 'Daily limit, all accounts', saved: '500', typed: '1,000' },
    ]);
  });

  it('reports no dispute if both made the same change, and nothing if the saved values did not change', () => {
    const same = merge(policy([]), policy(['NO'], 500), policy(['NO'], 500));
    expect(same.differences.map(({ typed }) => typed)).toEqual([null, null]);
    expect(merge(policy(['NO']), policy(['NO']), policy(['NO'])).differences).toEqual([]);
  });
});
