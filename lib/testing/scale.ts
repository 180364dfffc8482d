/**
 * The size at which tests run: `normal` with `npm test`, `soak` with `npm run test:soak`.
 * This is the only place that reads `TEST_SCALE`.
 */
const SCALE = process.env.TEST_SCALE === 'soak' ? 'soak' : 'normal';

/**
 * Returns the value for the size at which the tests run: a count, a duration in milliseconds, a list of inputs.
 * docs/reference/guarantees.md lists both sizes of each numbered guarantee.
 */
export function atScale<Value>(values: { normal: Value; soak: Value }): Value {
  return values[SCALE];
}

/**
 * The seed of sampled and generated inputs, including fast-check's. It is fixed at normal size, so that runs are
 * reproducible, and different for each run at soak size. Set TEST_SEED to repeat a failed run. This is the only place
 * that reads it.
 */
export const TEST_SEED = Number(process.env.TEST_SEED ?? atScale({ normal: 11, soak: Date.now() % 2 ** 31 }));
