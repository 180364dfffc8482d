import fc from 'fast-check';
import { atScale, TEST_SEED } from './scale.ts';

/**
 * Returns a seeded tenth of the combinations at normal size, and all of them at soak size.
 * @param groupOf the part of a combination that is never left out: at least one of each group is returned
 */
export function sampleAtScale<Value>(
  combinations: readonly Value[],
  groupOf: (combination: Value) => string,
): Value[] {
  const groups = [...Map.groupBy(combinations, groupOf).values()];
  const tenths = groups.map((group) => {
    const length = Math.ceil(group.length / 10);
    return fc.subarray(group, { minLength: length, maxLength: length });
  });
  const tenth = () => fc.sample(fc.tuple(...tenths), { numRuns: 1, seed: TEST_SEED }).flat(2) as Value[];
  return atScale({ normal: tenth, soak: () => [...combinations] })();
}
