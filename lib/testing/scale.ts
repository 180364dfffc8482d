/**
 * The size at which tests run: `normal` by `npm test`, `soak` by `npm run test:soak`.
 * This is the only place that reads `TEST_SCALE`.
 */
const SCALE = process.env.TEST_SCALE === 'soak' ? 'soak' : 'normal';

/**
 * The seed of sampled and generated inputs. The same seed gives the same inputs; set TEST_SEED to try others.
 * This is the only place that reads it.
 */
export const TEST_SEED = Number(process.env.TEST_SEED ?? 11);

/**
 * Returns the value for the size at which the tests run: a count, a duration in milliseconds, a list of inputs.
 * docs/testing.md lists both sizes of each guarantee.
 */
export function atScale<Value>(values: { normal: Value; soak: Value }): Value {
  return values[SCALE];
}
