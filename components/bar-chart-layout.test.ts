import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scaleFor, stack } from './bar-chart-layout.ts';

describe('the scale of a bar chart', () => {
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
  ])('of %j is %i', (bars, scale) => {
    expect(scaleFor(bars.map((values) => ({ values })))).toBe(scale);
  });
});

describe('the parts of a bar', () => {
  it('are stacked in order, each to be seen, and never stand out above', () => {
    const values = fc.array(fc.nat({ max: 10_000_000 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(values, (each) => {
        const scale = scaleFor([{ values: each }]);
        const parts = stack(each, scale, 100);
        expect(parts.map(({ index }) => index)).toEqual(
          each.flatMap((value, index) => (value > 0 ? [index] : [])),
        );
        let top = 0;
        for (const { from, height } of parts) {
          expect(from).toBeGreaterThanOrEqual(top);
          expect(height).toBeGreaterThanOrEqual(2);
          top = from + height;
        }
        expect(top).toBeLessThanOrEqual(100.001);
      }),
    );
  });

  it('fill the room where the bar is as tall as the scale', () => {
    expect(stack([50, 0, 50], 100, 100)).toEqual([
      { index: 0, from: 0, height: 50 },
      { index: 2, from: 51, height: 49 },
    ]);
  });
});
