import fc from 'fast-check';
import { atScale, TEST_SEED } from './scale.ts';

/**
 * Returns a seeded tenth of each group of combinations, rounded up, at normal size, and all combinations at soak size.
 * @param getGroup returns the group of a combination
 */
export function sampleAtScale<Value>(
  combinations: readonly Value[],
  getGroup: (combination: Value) => string,
): Value[] {
  const groups = [...Map.groupBy(combinations, getGroup).values()];
  const groupSamplers = groups.map((group) => {
    const length = Math.ceil(group.length / 10);
    return fc.subarray(group, { minLength: length, maxLength: length });
  });
  const sampleTenth = () =>
    fc.sample(fc.tuple(...groupSamplers), { numRuns: 1, seed: TEST_SEED }).flat(2) as Value[];
  return atScale({ normal: sampleTenth, soak: () => [...combinations] })();
}

/**
 * Generates any Unicode character except half surrogates, as fast-check's unit `binary` does. That one takes 1.6 s to
 * create, in each process.
 */
export const anyCharacter = fc
  .oneof(
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xd7ff }) },
    { weight: 16, arbitrary: fc.integer({ min: 0xe000, max: 0x10ffff }) },
  )
  .map((codePoint) => String.fromCodePoint(codePoint));
