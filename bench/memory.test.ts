import { describe, expect, it } from 'vitest';
import { leastSquaresSlope, type Sample, summarizeMemory } from './memory.ts';

const MB = 2 ** 20;
const sample = (at: number, rss: number): Sample => ({ at, memory: { rss, heapUsed: 0, external: 0 } });

describe('leastSquaresSlope', () => {
  it('returns the slope of values that also fluctuate', () => {
    const fluctuation = (x: number) => (x % 2 === 0 ? 1 : -1);
    const points = Array.from({ length: 101 }, (_, x) => ({ x, y: 7 + 3 * x + fluctuation(x) }));
    expect(leastSquaresSlope(points)).toBeCloseTo(3, 2);
  });
});

describe('summarizeMemory', () => {
  it('returns the first, last and maximum usage, and the growth per million requests', () => {
    const samples = Array.from({ length: 21 }, (_, index) => sample(index * 500_000, (100 + index) * MB));
    const summary = summarizeMemory(samples, 'rss');
    // `first` and `last` are the medians of the first and the last two samples: a tenth of 21, rounded down.
    expect(summary).toEqual({ first: 100.5, last: 119.5, max: 120, growth_per_million_requests: 2 });
  });
});
