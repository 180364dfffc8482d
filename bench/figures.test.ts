import { describe, expect, it } from 'vitest';
import {
  BASELINE,
  calculateFigures,
  formatList,
  formatTable,
  median,
  ratio,
  type Series,
} from './figures.ts';

function createSeries(name: string, perSecond: number[]): Series {
  const rest = { requests: 1, p50: 1, p99: 2, errorResponses: 0, failures: 0, statuses: {} };
  return { name, connections: 128, rounds: perSecond.map((value) => ({ ...rest, perSecond: value })) };
}

describe('median', () => {
  it.each([
    [[3], 3],
    [[5, 1, 3], 3],
    [[4, 1, 3, 2], 2.5],
  ])('returns the median of %j: %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('throws without values', () => {
    expect(() => median([])).toThrow('at least one value');
  });
});

describe('ratio', () => {
  it('compares round by round, so that a slow round affects both series', () => {
    const baseline = createSeries(BASELINE, [100, 10, 100]);
    // The ratio of the two medians would be 0.5; the median of the rounds' ratios is 0.6.
    const verifier = createSeries('verifier', [60, 8, 50]);
    expect(ratio(verifier, baseline, 'perSecond')).toBeCloseTo(0.6);
  });

  it('throws if a round is missing', () => {
    expect(() => ratio(createSeries('a', [1, 2]), createSeries('b', [1]), 'perSecond')).toThrow('round 2');
  });
});

describe('calculateFigures', () => {
  it('calculates the medians of a series and its ratios to the baseline, which the table shows', () => {
    const figures = calculateFigures([
      createSeries(BASELINE, [100, 200]),
      createSeries('verifier', [50, 150]),
    ]);
    expect(figures[1]).toMatchObject({ perSecond: 100, ratioToBaseline: 0.625, p99RatioToBaseline: 1 });
    const [headings, , verifier] = formatTable(figures).split('\n');
    expect(headings).toContain('vs bare');
    expect(verifier?.split(/\s{2,}/)).toEqual(['verifier', '128', '100', '0.625', '1.00', '2.00', '1.00']);
  });
});

describe('formatList', () => {
  it('aligns the values, and omits undefined ones', () => {
    expect(formatList({ a: 0.625, long: 'text', none: undefined })).toBe('a     0.63\nlong  text');
  });
});
