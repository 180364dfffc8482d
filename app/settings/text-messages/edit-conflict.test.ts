import { expect, it } from 'vitest';
import { mergePolicy } from './edit-conflict.ts';

const rules = (countries: string[], perDay = 200, perAccountPerDay = 20, version = 1) => ({
  ...{ countries, perDay, perAccountPerDay, version },
});
const merge = (opened: ReturnType<typeof rules>, saved: typeof opened, typed: typeof opened) =>
  mergePolicy({ opened, saved, typed }, (code) => `<${code}>`);

it('keeps what was touched, takes what was saved elsewhere, and tells each', () => {
  const result = merge(
    rules(['DK', 'SE']),
    rules(['DK', 'NO', 'SE'], 500, 20, 2),
    rules(['DE', 'DK'], 200, 5),
  );
  expect(result.merged).toMatchObject({ countries: ['DE', 'DK', 'NO'], perDay: '500', perAccountPerDay: 5 });
  expect(result.differences).toEqual([
    { label: 'Texts a day, for all accounts together', saved: '500', typed: null },
    { label: 'Countries', saved: '<NO> ticked', typed: '<DE> ticked; <SE> unticked' },
  ]);
});

it('tells both figures where both changed the same', () => {
  const result = merge(rules([]), rules([], 500), rules([], 1_000));
  expect(result.merged.perDay).toBe(1_000);
  expect(result.differences).toEqual([
    { label: 'Texts a day, for all accounts together', saved: '500', typed: '1,000' },
  ]);
});

it('is silent where both did the same, or the other took the change back', () => {
  const same = merge(rules([]), rules(['NO'], 500), rules(['NO'], 500));
  expect(same.differences.map(({ typed }) => typed)).toEqual([null, null]);
  expect(merge(rules(['NO']), rules(['NO']), rules(['NO'])).differences).toEqual([]);
});
