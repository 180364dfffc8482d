import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { getAxisMaximum, stackSegments } from './bar-chart-layout.ts';

describe('getAxisMaximum', () => {
  it.each([
    [[], 0],
    [[[0, 0]], 0],
    [[[1, 0]], 1],
    [
      [
        [1, 1],
        [0, 3],
      ],
      3,
    ],
    [[[10, 0]], 10],
    [[[600, 401]], 2_000],
    [[[999_999, 1]], 1_000_000],
    [[[1_000_001, 0]], 2_000_000],
  ])('rounds the tallest bar of %j up to %i', (bars, maximum) => {
    expect(getAxisMaximum(bars.map((values) => ({ values })))).toBe(maximum);
  });
});

describe('stackSegments', () => {
  it('stacks visible segments in order within the available height', () => {
    const valuesOfBar = fc.array(fc.nat({ max: 10_000_000 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(valuesOfBar, (values) => {
        const maximum = getAxisMaximum([{ values }]);
        const segments = stackSegments(values, maximum, 100);
        expect(segments.map(({ index }) => index)).toEqual(
          values.flatMap((value, index) => (value > 0 ? [index] : [])),
        );
        let top = 0;
        for (const { from, height } of segments) {
          expect(from).toBeGreaterThanOrEqual(top);
          expect(height).toBeGreaterThanOrEqual(2);
          top = from + height;
        }
        expect(top).toBeLessThanOrEqual(100.001);
      }),
    );
  });

  it('fills the available height if the bar reaches the maximum', () => {
    expect(stackSegments([50, 0, 50], 100, 100)).toEqual([
      { index: 0, from: 0, height: 50 },
      { index: 2, from: 51, height: 49 },
    ]);
  });
});
